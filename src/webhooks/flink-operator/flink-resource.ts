// PURE: a FlinkDeployment or a FlinkSessionJob as the API server answers it, as far as a change of parallelism needs it.
import { isObject, parseObject, type JsonObject } from '../../outbound/json-object.js';
import { kindOf, type ResourcePlace } from './resource-place.js';

export interface FlinkResource {
  /** A write with an older one is a conflict. */
  readonly resourceVersion: string;
  readonly isBeingDeleted: boolean;
  /** `spec.job.state`; null: it has no job, as a session cluster. */
  readonly job: { readonly state: string } | null;
  readonly config: FlinkConfig;
  /** `v2_0`; null: it does not say, as a session job does not. */
  readonly flinkVersion: string | null;
  /** Of a session job: its cluster's FlinkDeployment. */
  readonly sessionCluster: string | null;
  readonly status: FlinkResourceStatus;
}

/** null: the operator has not written it, or does not write it in this version. */
export interface FlinkResourceStatus {
  readonly lifecycleState: string | null;
  readonly jobId: string | null;
  readonly jobState: string | null;
  /** The message of what went wrong last. */
  readonly error: string | null;
  /** Whether the operator has seen the newest spec. */
  readonly isObserved: boolean | null;
}

/** By key, as Flink reads it: flat, with the place that each value stands at. */
export type FlinkConfig = ReadonlyMap<string, { readonly value: string; readonly path: readonly string[] }>;

/** null: it is not that resource. */
export function parseFlinkResource(text: string, place: Pick<ResourcePlace, 'resource'>): FlinkResource | null {
  const parsed = parseObject(text);
  const [metadata, spec] = [parsed?.['metadata'], parsed?.['spec']];
  if (parsed?.['kind'] !== kindOf(place) || !isObject(metadata) || !isObject(spec)) return null;
  const resourceVersion = textOf(metadata['resourceVersion']);
  if (resourceVersion === null) return null;
  const { job } = spec;
  return {
    resourceVersion,
    isBeingDeleted: textOf(metadata['deletionTimestamp']) !== null,
    // The operator's own default is running.
    job: isObject(job) ? { state: textOf(job['state'])?.toLowerCase() ?? 'running' } : null,
    config: flatConfigOf(spec['flinkConfiguration']),
    flinkVersion: textOf(spec['flinkVersion']),
    sessionCluster: textOf(spec['deploymentName']),
    status: statusOf(parsed['status'], metadata['generation']),
  };
}

function statusOf(status: unknown, generation: unknown): FlinkResourceStatus {
  const known = isObject(status) ? status : {};
  const job = isObject(known['jobStatus']) ? known['jobStatus'] : {};
  const observed = known['observedGeneration'];
  return {
    lifecycleState: textOf(known['lifecycleState']),
    jobId: textOf(job['jobId']),
    jobState: textOf(job['state']),
    error: errorOf(textOf(known['error'])),
    isObserved: typeof observed === 'number' && typeof generation === 'number' ? observed >= generation : null,
  };
}

/** The operator writes its exception as JSON, with its stack: `{"type":…,"message":…,"stackTrace":…}`. */
function errorOf(written: string | null): string | null {
  const exception = written === null ? null : parseObject(written);
  return exception === null ? written : (textOf(exception['message']) ?? textOf(exception['type']) ?? written);
}

/** Levels of YAML that are looked into: no key that is read here has as many parts. */
const MAX_DEPTH = 16;

/**
 * Newer operators take YAML of any depth, and flatten it: `{pipeline: {max-parallelism: 8}}` is `pipeline.max-parallelism`. Of what is
 * written twice the last counts, in the order that the API server gives. What is deeper than `MAX_DEPTH` is left out: whoever writes
 * the resource must not choose how much stack and memory reading it takes.
 */
export function flatConfigOf(written: unknown): FlinkConfig {
  const flat = new Map<string, { value: string; path: readonly string[] }>();
  const add = (value: unknown, path: readonly string[]): void => {
    if (isObject(value)) {
      if (path.length < MAX_DEPTH) for (const [key, inner] of Object.entries(value)) add(inner, [...path, key]);
    } else if (path.length > 0) flat.set(path.join('.'), { value: valueOf(value), path });
  };
  add(written, []);
  return flat;
}

/** No key that is read here is a list: what is in one does not matter. */
function valueOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? '[]' : JSON.stringify(value);
}

function textOf(value: JsonObject[string]): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
