// The parsed settings of a webhook of type generic.
import type { CommonWebhookSettings } from '../webhook-type.js';
import { genericRequestKeys, genericSecretKeys, type GenericEntry } from './generic-schema.js';

export interface GenericWebhookSettings extends CommonWebhookSettings {
  readonly type: 'generic';
  /** Path and query may be Liquid templates. */
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  /** Liquid template over the JSON body; null: the JSON itself. */
  readonly body: string | null;
  readonly signingSecretFile: string | null;
}

export function genericSettingsOf(common: CommonWebhookSettings, entry: GenericEntry): GenericWebhookSettings {
  return {
    ...common,
    type: 'generic',
    url: entry.url,
    method: entry.method ?? genericRequestKeys.method.default,
    headers: entry.headers ?? genericRequestKeys.headers.default,
    body: entry.body ?? genericRequestKeys.body.default,
    signingSecretFile: entry.signing_secret_file ?? genericSecretKeys.signing_secret_file.default,
  };
}
