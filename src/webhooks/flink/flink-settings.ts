// A webhook of type flink as the program uses it.
import type { CommonWebhookSettings } from '../webhook-type.js';

/** It has no keys of its own. */
export interface FlinkEntry {
  readonly url: string;
}

export interface FlinkWebhookSettings extends CommonWebhookSettings {
  readonly type: 'flink';
  /** The JobManager's, with its path prefix, without a trailing slash. */
  readonly url: string;
}

export function flinkSettingsOf(common: CommonWebhookSettings, { url }: FlinkEntry): FlinkWebhookSettings {
  return { ...common, type: 'flink', url: url.replace(/\/+$/, '') };
}
