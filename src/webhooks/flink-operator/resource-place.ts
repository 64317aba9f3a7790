// PURE: which resource an action changes: namespace and name come from labels of series, which whoever runs a job may write. Each becomes
// a part of a path only where it is a DNS label, which no path can be made of.
import { isDnsLabel, quoteLabel } from '../dns-label.js';
import { labelIn, type Labels } from '../labels-in-action.js';
import type { FlinkOperatorWebhookSettings, FlinkResourceKind } from './flink-operator-settings.js';

export const FLINK_API_GROUP = 'flink.apache.org';
const FLINK_API_PATH = `/apis/${FLINK_API_GROUP}/v1beta1`;

const KINDS: Readonly<Record<FlinkResourceKind, string>> = {
  flinkdeployments: 'FlinkDeployment',
  flinksessionjobs: 'FlinkSessionJob',
};

export interface ResourcePlace {
  readonly resource: FlinkResourceKind;
  readonly namespace: string;
  readonly name: string;
}

export function kindOf({ resource }: Pick<ResourcePlace, 'resource'>): string {
  return KINDS[resource];
}

/** `FlinkDeployment prod/wordcount`, for messages. */
export function describePlace(place: ResourcePlace): string {
  return `${kindOf(place)} ${place.namespace}/${place.name}`;
}

/** Where the labels of one operator's series lead; or why nowhere. */
export function placeOf(
  {
    resource,
    namespaceLabel,
    nameLabel,
  }: Pick<FlinkOperatorWebhookSettings, 'resource' | 'namespaceLabel' | 'nameLabel'>,
  labels: Labels,
): ResourcePlace | { readonly failure: string } {
  const found: string[] = [];
  for (const [label, what] of [
    [namespaceLabel, 'namespace'],
    [nameLabel, 'name'],
  ] as const) {
    const value = labelIn(labels, label);
    if (value === null) return { failure: `the series have no label ${label}, or not the same on all of them` };
    if (!isDnsLabel(value)) {
      return { failure: `label ${label} is no ${what} of a resource (RFC 1123, lower case): ${quoteLabel(value)}` };
    }
    found.push(value);
  }
  const [namespace = '', name = ''] = found;
  return { resource, namespace, name };
}

/** @param api the API server's URL */
export function urlOfPlace(api: string, { resource, namespace, name }: ResourcePlace): string {
  return `${api}${FLINK_API_PATH}/namespaces/${namespace}/${resource}/${name}`;
}

const PLACE_IN_URL =
  /^(.*)\/apis\/flink\.apache\.org\/v1beta1\/namespaces\/([^/]+)\/(flinkdeployments|flinksessionjobs)\/([^/]+)$/;

/** What was written with the claim: the configuration may have changed since. null: another type wrote it. */
export function placeInUrl(url: string): (ResourcePlace & { readonly api: string }) | null {
  const [, api, namespace, resource, name] = PLACE_IN_URL.exec(url) ?? [];
  if (api === undefined || namespace === undefined || resource === undefined || name === undefined) return null;
  return { api, namespace, resource: resource as FlinkResourceKind, name };
}
