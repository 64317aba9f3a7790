// PURE: the parts of the API server's FlinkDeployment or FlinkSessionJob that a change of parallelism needs.
import { isObject, parseObject, type JsonObject } from '../../outbound/json-object.js';
import { kindOf, type ResourcePlace } from './resource-place.js';

export interface FlinkResource {
  /** A write with an older version is a conflict. */
  readonly resourceVersion: string;
  readonly isBeingDeleted: boolean;
  /** `spec.job.state`; null: no job, as in a session cluster. */
  readonly job: { readonly state: string } | null;
  readonly config: FlinkConfig;
  /** `v2_0`; null: not in the resource, as in a session job. */
  readonly flinkVersion: string | null;
  /** For a session job: the FlinkDeployment of its cluster. */
  readonly sessionCluster: string | null;
  readonly status: FlinkResourceStatus;
}

/** null: the operator has not written it, or its version does not write it. */
export interface FlinkResourceStatus {
  readonly lifecycleState: string | null;
  readonly jobId: string | null;
  readonly jobState: string | null;
  /** The message of the last error. */
  readonly error: string | null;
  /** Whether the operator has seen the newest spec. */
  readonly isObserved: boolean | null;
}

/** By key, as Flink reads it: flat, with the path of each value. */
export type FlinkConfig = ReadonlyMap<string, { readonly value: string; readonly path: readonly string[] }>;

/** null: not that resource. */
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
    // The operator's default is running.
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

/** Levels of YAML that are read: no key used here has as many parts. */
const MAX_DEPTH = 16;

/**
 * Newer operators accept YAML of any depth, and flatten it: `{pipeline: {max-parallelism: 8}}` is `pipeline.max-parallelism`. If a key is
 * written twice, the last one counts, in the API server's order. Deeper levels than `MAX_DEPTH` are left out: a writer of the resource
 * must not choose how much stack and memory a read takes.
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

/** No key used here is a list: the content of lists does not matter. */
function valueOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? '[]' : JSON.stringify(value);
}

function textOf(value: JsonObject[string]): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
