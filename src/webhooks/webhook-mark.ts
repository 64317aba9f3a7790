// A short fingerprint of a webhook: it shows whether a webhook that refused a call has changed since.
import { createHash } from 'node:crypto';
import type { WebhookSettings } from './webhook-types.js';
import { isObject } from '../outbound/json-object.js';
import { readSecretFile } from '../outbound/secret-file.js';

const SETTINGS_LENGTH = 16;
/** One byte of each file: enough to detect a change, too little to find a secret. */
const FILE_LENGTH = 2;

/** Covers the settings alone. */
export function settingsMarkOf(webhook: WebhookSettings): string {
  return digestOf(JSON.stringify(webhook)).slice(0, SETTINGS_LENGTH);
}

/** Covers the settings and the present content of their files; begins with the mark of the settings. */
export async function webhookMarkOf(webhook: WebhookSettings): Promise<string> {
  const files = await Promise.all(filesIn(webhook).map(markOfFile));
  return [settingsMarkOf(webhook), ...files].join('.');
}

async function markOfFile(path: string): Promise<string> {
  try {
    return digestOf(await readSecretFile(path)).slice(0, FILE_LENGTH);
  } catch {
    return 'none';
  }
}

/** The names of settings with file names end in `File`. */
function filesIn(settings: unknown): readonly string[] {
  if (!isObject(settings)) return [];
  return Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'string' && name.endsWith('File') ? [value] : filesIn(value),
  );
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
