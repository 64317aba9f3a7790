// PURE: the changes of a resource for an order: one key a vertex, or why it must not be changed.
import type { Refusal } from '../../model/action.js';
import { isKept, settingAfter } from '../kept-parallelism.js';
import type { FlinkConfig, FlinkResource } from './flink-resource.js';
import type { FlinkOperatorOrder, VertexOrder } from './flink-operator-order.js';
import { describePlace, type ResourcePlace } from './resource-place.js';

/** A key of exactly this name has one value for all vertices; Flink then ignores keys of single vertices. */
export const OVERRIDES_KEY = 'pipeline.jobvertex-parallelism-overrides';
const MAX_PARALLELISM_KEY = 'pipeline.max-parallelism';
/** The first that is set counts: the second is the name in older versions. */
const AUTOSCALER_KEYS = ['job.autoscaler.enabled', 'kubernetes.operator.job.autoscaler.enabled'];

/** A resource, and for a session job also that of its cluster, whose configuration the job inherits. */
export interface FoundResource {
  readonly place: ResourcePlace;
  readonly found: FlinkResource;
  readonly cluster: { readonly place: ResourcePlace; readonly found: FlinkResource } | null;
}

/** A kept override: already above the target of a scale-up, or below that of a scale-down. */
export interface KeptOverride extends VertexOrder {
  readonly override: number;
}

export interface OverridePlan {
  /** JSON merge patch of the resource; null: nothing has to change. */
  readonly patch: object | null;
  /** The vertices whose overrides the patch changes. */
  readonly written: readonly VertexOrder[];
  readonly kept: readonly KeptOverride[];
}

export interface PlanRefusal {
  readonly failure: string;
  readonly limits: Refusal['limits'];
}

export function planOverrides(target: FoundResource, order: FlinkOperatorOrder): OverridePlan | PlanRefusal {
  const failure = hindranceOf(target);
  if (failure !== null) return { failure, limits: {} };
  const other = otherJobIn(target, order);
  // The maximum of another job does not apply to this one.
  const tooMany = other === null ? beyondMaxParallelism(target, order) : null;
  if (tooMany !== null) return tooMany;
  const kept: KeptOverride[] = [];
  let config: object = {};
  const written: VertexOrder[] = [];
  for (const vertex of order.vertices) {
    const key = overrideKey(vertex.vertexId);
    const before = overrideIn(target, key);
    const after = settingAfter(before, vertex);
    if (isKept(before, vertex)) kept.push({ ...vertex, override: before });
    if (after === before) continue;
    written.push(vertex);
    config = withValue(config, target.found.config.get(key)?.path ?? [key], String(after));
  }
  if (written.length === 0) return { patch: null, written, kept };
  if (other !== null) return { failure: other, limits: {} };
  // With the version, a write after a change by others is refused.
  const metadata = { resourceVersion: target.found.resourceVersion };
  return { patch: { metadata, spec: { flinkConfiguration: config } }, written, kept };
}

export function overrideKey(vertexId: string): string {
  return `${OVERRIDES_KEY}.${vertexId}`;
}

function overrideIn(target: FoundResource, key: string): number | null {
  const value = settingOf(target, key)?.value ?? '';
  return /^[1-9]\d{0,8}$/.test(value.trim()) ? Number(value) : null;
}

/** The first reason why a change would have no effect, or must not be made; null: there is none. */
function hindranceOf(target: FoundResource): string | null {
  const { place, found } = target;
  const name = describePlace(place);
  const { lifecycleState } = found.status;
  if (found.isBeingDeleted) return `${name} is being deleted`;
  if (found.job === null) {
    return `${name} is a session cluster without a job: set resource: flinksessionjobs`;
  }
  if (found.job.state === 'suspended') return `${name} is suspended (spec.job.state)`;
  const autoscaler = AUTOSCALER_KEYS.map((key) => ({ key, setting: settingOf(target, key) })).find(
    ({ setting }) => setting !== null,
  );
  if (autoscaler?.setting?.value.trim().toLowerCase() === 'true') {
    const { key, setting } = autoscaler;
    return `${key} is true in ${setting.in}: the operator's autoscaler also sets the parallelism; disable one of the two`;
  }
  const exact = settingOf(target, OVERRIDES_KEY);
  if (exact !== null) {
    const instead = `use one key a vertex (${OVERRIDES_KEY}.<vertex id>)`;
    return `${OVERRIDES_KEY} is set in ${exact.in}: Flink then ignores keys of single vertices; ${instead}`;
  }
  if (lifecycleState === 'ROLLING_BACK' || lifecycleState === 'ROLLED_BACK') {
    return `${name} is ${lifecycleState}: after any change of its spec, the operator would deploy the failed version again`;
  }
  return null;
}

/** Refused only if something has to be written: after an attempt whose answer was lost, the upgrade may have given the job a new id. */
function otherJobIn({ place, found }: FoundResource, { jobId }: FlinkOperatorOrder): string | null {
  const { jobId: runsAs } = found.status;
  if (jobId === null || runsAs === null || jobId === runsAs) return null;
  return `${describePlace(place)} runs job ${runsAs}, but the series are of job ${jobId}: the job was submitted again, or the labels name the wrong resource`;
}

/** Neither Kubernetes nor the operator refuses it: the job would fail at its start. */
function beyondMaxParallelism(target: FoundResource, { vertices, isRestored }: FlinkOperatorOrder): PlanRefusal | null {
  if (isRestored) return null;
  const setting = settingOf(target, MAX_PARALLELISM_KEY);
  const most = Number(setting?.value);
  if (setting === null || !Number.isInteger(most) || most <= 0) return null;
  // A vertex that already runs with more has its own maximum.
  const beyond = vertices.filter(({ from, to }) => from <= most && to > most);
  if (beyond.length === 0) return null;
  const asked = beyond.map(({ operator, to }) => `${operator} ${to}`).join(', ');
  return {
    failure: `above ${MAX_PARALLELISM_KEY} (${most}) in ${setting.in}: ${asked}; lower the operator's max_parallelism`,
    limits: Object.fromEntries(beyond.map(({ operator }) => [operator, most])),
  };
}

/** The job's own value, else that of its cluster. */
function settingOf({ place, found, cluster }: FoundResource, key: string): { value: string; in: string } | null {
  const own = found.config.get(key);
  if (own !== undefined) return { value: own.value, in: describePlace(place) };
  const inherited = cluster?.found.config.get(key);
  return cluster === null || inherited === undefined
    ? null
    : { value: inherited.value, in: `${describePlace(cluster.place)}, the job's cluster` };
}

/** Writes the value at its present path: with a second key of another depth, the order would decide which one counts. */
function withValue(tree: object, [key = '', ...rest]: readonly string[], value: string): object {
  const inner = Object.hasOwn(tree, key) ? (tree as FlatTree)[key] : undefined;
  if (rest.length === 0) return { ...tree, [key]: value };
  return { ...tree, [key]: withValue(typeof inner === 'object' ? inner : {}, rest, value) };
}

type FlatTree = Readonly<Record<string, object | string>>;

/** Whether the resource has this override, or one that is kept. */
export function hasOverride(config: FlinkConfig, vertex: VertexOrder): boolean {
  const value = Number(config.get(overrideKey(vertex.vertexId))?.value);
  return settingAfter(value, vertex) === value;
}
