// The keys of entries of type flink_operator alone, and the settings that they are parsed to.
import type { FromSchema } from 'json-schema-to-ts';
import { labelNameSchema } from '../../grammar/schema-types.js';
import type { CommonWebhookSettings } from '../webhook-type.js';

/** Plural, as in a path and in a Role. */
export const FLINK_RESOURCES = ['flinkdeployments', 'flinksessionjobs'] as const;

export const flinkOperatorRequestKeys = {
  resource: {
    enum: FLINK_RESOURCES,
    default: 'flinkdeployments',
    description: 'The resource to patch: `flinkdeployments` (application mode), or `flinksessionjobs`.',
  },
  namespace_label: {
    ...labelNameSchema,
    default: 'namespace',
    description: "Label of the series whose value is the resource's namespace.",
  },
  name_label: {
    ...labelNameSchema,
    default: 'app',
    description:
      "Label of the series whose value is the resource's name. On the pods of a FlinkDeployment, `app` is its name. Required for `flinksessionjobs`.",
  },
} as const;

interface FlinkOperatorEntrySchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly ['url'];
  readonly properties: { readonly url: { readonly type: 'string' } } & typeof flinkOperatorRequestKeys;
}

export type FlinkOperatorEntry = FromSchema<FlinkOperatorEntrySchema, { keepDefaultedPropertiesOptional: true }>;

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
