// A webhook of type flink as the program uses it.
import type { CommonWebhookSettings } from '../webhook-type.js';
import type { FlinkEntry } from './flink-schema.js';

export interface FlinkWebhookSettings extends CommonWebhookSettings {
  readonly type: 'flink';
  /** The JobManager's, with its path prefix, without a trailing slash; its host may be built from labels (flink-url.ts). */
  readonly url: string;
  /** Patterns of the hosts that it may be built to; only where it is built. */
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
