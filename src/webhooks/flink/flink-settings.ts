// The parsed settings of a webhook of type flink.
import type { CommonWebhookSettings } from '../webhook-type.js';
import type { FlinkEntry } from './flink-schema.js';

export interface FlinkWebhookSettings extends CommonWebhookSettings {
  readonly type: 'flink';
  /** The JobManager's address with its path prefix, without a trailing slash; the host may have labels (flink-url.ts). */
  readonly url: string;
  /** Patterns of allowed hosts; only if the URL has labels. */
  readonly allowedHosts?: readonly string[];
}

export function flinkSettingsOf(common: CommonWebhookSettings, entry: FlinkEntry): FlinkWebhookSettings {
  const { url, allowed_hosts: allowedHosts } = entry;
  return {
    ...common,
    type: 'flink',
    url: url.replace(/\/+$/, ''),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
  };
}
