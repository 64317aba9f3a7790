// What a webhook is at the moment, as a short text that changes when it does: for telling whether what refused a call has changed.
import { createHash } from 'node:crypto';
import type { WebhookSettings } from './webhook-types.js';
import { isObject } from '../outbound/json-object.js';
import { readSecretFile } from '../outbound/secret-file.js';

const SETTINGS_LENGTH = 16;
/** One byte of each file: enough to notice that it has changed, too little to find a secret by. */
const FILE_LENGTH = 2;

/** Of its settings alone. */
export function settingsMarkOf(webhook: WebhookSettings): string {
  return digestOf(JSON.stringify(webhook)).slice(0, SETTINGS_LENGTH);
}

/** Of its settings, and of what its files hold now; it begins with the mark of its settings. */
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

/** Settings that name files are called so. */
function filesIn(settings: unknown): readonly string[] {
  if (!isObject(settings)) return [];
  return Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'string' && name.endsWith('File') ? [value] : filesIn(value),
  );
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
