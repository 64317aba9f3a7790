// The parsed settings of a webhook of type flink_operator.
import type { CommonWebhookSettings } from '../webhook-type.js';
import { flinkOperatorRequestKeys, type FLINK_RESOURCES, type FlinkOperatorEntry } from './flink-operator-schema.js';

export type FlinkResourceKind = (typeof FLINK_RESOURCES)[number];

export interface FlinkOperatorWebhookSettings extends CommonWebhookSettings {
  readonly type: 'flink_operator';
  /** The Kubernetes API server's address with its path prefix, without a trailing slash. */
  readonly url: string;
  readonly resource: FlinkResourceKind;
  readonly namespaceLabel: string;
  readonly nameLabel: string;
}

export function flinkOperatorSettingsOf(
  common: CommonWebhookSettings,
  entry: FlinkOperatorEntry,
): FlinkOperatorWebhookSettings {
  const { resource, namespace_label: namespaceLabel, name_label: nameLabel } = flinkOperatorRequestKeys;
  return {
    ...common,
    type: 'flink_operator',
    url: entry.url.replace(/\/+$/, ''),
    resource: entry.resource ?? resource.default,
    namespaceLabel: entry.namespace_label ?? namespaceLabel.default,
    nameLabel: entry.name_label ?? nameLabel.default,
  };
}
