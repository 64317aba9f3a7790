// PURE: what is to be changed in a resource for an order: one key a vertex, or why nothing may be changed.
import type { Refusal } from '../../model/action.js';
import type { FlinkConfig, FlinkResource } from './flink-resource.js';
import type { OperatorOrder, VertexOrder } from './operator-order.js';
import { describePlace, type ResourcePlace } from './resource-place.js';

/** Of this exact name it is one value for all vertices, beside which Flink reads no key of a single vertex. */
export const OVERRIDES_KEY = 'pipeline.jobvertex-parallelism-overrides';
const MAX_PARALLELISM_KEY = 'pipeline.max-parallelism';
/** The first that is set counts: the second is its name in older versions. */
const AUTOSCALER_KEYS = ['job.autoscaler.enabled', 'kubernetes.operator.job.autoscaler.enabled'];

/** A resource, and for a session job that of its cluster, whose configuration the job has too. */
export interface FoundResource {
  readonly place: ResourcePlace;
  readonly found: FlinkResource;
  readonly cluster: { readonly place: ResourcePlace; readonly found: FlinkResource } | null;
}

/** An override that asks for more (or less) already: it is kept. */
export interface KeptOverride extends VertexOrder {
  readonly override: number;
}

export interface OverridePlan {
  /** JSON merge patch of the resource; null: it has what is wanted. */
  readonly patch: object | null;
  /** Whose overrides the patch changes. */
  readonly written: readonly VertexOrder[];
  readonly kept: readonly KeptOverride[];
}

export interface PlanRefusal {
  readonly failure: string;
  readonly limits: Refusal['limits'];
}

export function planOverrides(target: FoundResource, order: OperatorOrder): OverridePlan | PlanRefusal {
  const failure = hindranceOf(target);
  if (failure !== null) return { failure, limits: {} };
  const other = otherJobIn(target, order);
  // What another job may have at most says nothing of this one.
  const tooMany = other === null ? beyondMaxParallelism(target, order) : null;
  if (tooMany !== null) return tooMany;
  const kept: KeptOverride[] = [];
  let config: object = {};
  const written: VertexOrder[] = [];
  for (const vertex of order.vertices) {
    const key = overrideKey(vertex.vertexId);
    const before = overrideIn(target, key);
    const after = withOverride(before, vertex);
    if (before !== null && after === before && before !== vertex.to) kept.push({ ...vertex, override: before });
    if (after === before) continue;
    written.push(vertex);
    config = withValue(config, target.found.config.get(key)?.path ?? [key], String(after));
  }
  if (written.length === 0) return { patch: null, written, kept };
  if (other !== null) return { failure: other, limits: {} };
  // With its version a write is refused where somebody else was faster.
  const metadata = { resourceVersion: target.found.resourceVersion };
  return { patch: { metadata, spec: { flinkConfiguration: config } }, written, kept };
}

export function overrideKey(vertexId: string): string {
  return `${OVERRIDES_KEY}.${vertexId}`;
}

/** More is never made less, nor less more: 4 from 2 to 3 stays 4, since what runs with 2 may run with 4. */
function withOverride(before: number | null, { from, to }: VertexOrder): number {
  if (before === null) return to;
  return to > from ? Math.max(before, to) : Math.min(before, to);
}

function overrideIn(target: FoundResource, key: string): number | null {
  const value = settingOf(target, key)?.value ?? '';
  return /^[1-9]\d{0,8}$/.test(value.trim()) ? Number(value) : null;
}

/** Of what keeps a change from having an effect, or from being wanted, the first; null: nothing does. */
function hindranceOf(target: FoundResource): string | null {
  const { place, found } = target;
  const name = describePlace(place);
  const { lifecycleState } = found.status;
  if (found.isBeingDeleted) return `${name} is being deleted`;
  if (found.job === null) {
    return `${name} is a session cluster, which has no job of its own: its jobs are flinksessionjobs (key resource)`;
  }
  if (found.job.state === 'suspended') return `${name} is suspended (spec.job.state): it is scaled once it runs`;
  const autoscaler = AUTOSCALER_KEYS.map((key) => ({ key, setting: settingOf(target, key) })).find(
    ({ setting }) => setting !== null,
  );
  if (autoscaler?.setting?.value.trim().toLowerCase() === 'true') {
    const { key, setting } = autoscaler;
    return `${key} is true in ${setting.in}: the operator's own autoscaler sets the parallelism; disable one of the two`;
  }
  const exact = settingOf(target, OVERRIDES_KEY);
  if (exact !== null) {
    const instead = `write it as one key a vertex (${OVERRIDES_KEY}.<vertex id>)`;
    return `${OVERRIDES_KEY} is set in ${exact.in}: of that name Flink reads no key of a single vertex beside it; ${instead}`;
  }
  if (lifecycleState === 'ROLLING_BACK' || lifecycleState === 'ROLLED_BACK') {
    return `${name} is ${lifecycleState}: with any change of its spec the operator would deploy again what failed`;
  }
  return null;
}

/** Where nothing is to be written it is no hindrance: the upgrade for an attempt whose answer was lost may have given the job a new id. */
function otherJobIn({ place, found }: FoundResource, { jobId }: OperatorOrder): string | null {
  const { jobId: runsAs } = found.status;
  if (jobId === null || runsAs === null || jobId === runsAs) return null;
  return `${describePlace(place)} runs job ${runsAs}, but the series are of job ${jobId}: it was submitted again, or the labels lead to another's resource`;
}

/** Nobody else would refuse it: the job would fail when it starts. */
function beyondMaxParallelism(target: FoundResource, { vertices, isRestored }: OperatorOrder): PlanRefusal | null {
  if (isRestored) return null;
  const setting = settingOf(target, MAX_PARALLELISM_KEY);
  const most = Number(setting?.value);
  if (setting === null || !Number.isInteger(most) || most <= 0) return null;
  // What runs with more shows that its vertex has a maximum of its own.
  const beyond = vertices.filter(({ from, to }) => from <= most && to > most);
  if (beyond.length === 0) return null;
  const asked = beyond.map(({ operator, to }) => `${operator} ${to}`).join(', ');
  return {
    failure: `more than ${MAX_PARALLELISM_KEY} (${most}) in ${setting.in}: ${asked}; lower the operator's max_parallelism`,
    limits: Object.fromEntries(beyond.map(({ operator }) => [operator, most])),
  };
}

/** As the job has it: its own value, else its cluster's. */
function settingOf({ place, found, cluster }: FoundResource, key: string): { value: string; in: string } | null {
  const own = found.config.get(key);
  if (own !== undefined) return { value: own.value, in: describePlace(place) };
  const inherited = cluster?.found.config.get(key);
  return cluster === null || inherited === undefined
    ? null
    : { value: inherited.value, in: `${describePlace(cluster.place)}, the job's cluster` };
}

/** The value where it stands already: a second key of another depth would leave it to the order which one counts. */
function withValue(tree: object, [key = '', ...rest]: readonly string[], value: string): object {
  const inner = Object.hasOwn(tree, key) ? (tree as FlatTree)[key] : undefined;
  if (rest.length === 0) return { ...tree, [key]: value };
  return { ...tree, [key]: withValue(typeof inner === 'object' ? inner : {}, rest, value) };
}

type FlatTree = Readonly<Record<string, object | string>>;

/** Whether the resource has these overrides, or more (less) than them. */
export function hasOverride(config: FlinkConfig, { vertexId, from, to }: VertexOrder): boolean {
  const value = Number(config.get(overrideKey(vertexId))?.value);
  return to > from ? value >= to : value <= to;
}
