// PURE: the resource that an action changes. Namespace and name come from labels of series, which the owner of a job chooses. Each must be
// a DNS label before it becomes a part of a path.
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

/** The resource for the labels of one operator's series; or why there is none. */
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
    if (value === null) return { failure: `the series have no label ${label}, or different values of it` };
    if (!isDnsLabel(value)) {
      return { failure: `label ${label} is not a valid ${what} (RFC 1123, lower case): ${quoteLabel(value)}` };
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

/** The resource in the action log: the configuration may have changed since. null: the request is of another type. */
export function placeInUrl(url: string): (ResourcePlace & { readonly api: string }) | null {
  const [, api, namespace, resource, name] = PLACE_IN_URL.exec(url) ?? [];
  if (api === undefined || namespace === undefined || resource === undefined || name === undefined) return null;
  return { api, namespace, resource: resource as FlinkResourceKind, name };
}
