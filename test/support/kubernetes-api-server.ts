// A server that answers for the Flink Kubernetes Operator's resources as a real kube-apiserver does: merge patches (RFC 7386), versions,
// generations, and refusals as objects of kind Status, in the words that were recorded (Kubernetes 1.34.4): fixtures/kubernetes-api.json.
import type { ServerResponse } from 'node:http';
import type { Test } from 'tap';
import { answerJson, answeringServer, type AnsweringServer, type SeenRequest } from './answering-server.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

export interface FlinkObject {
  apiVersion: string;
  kind: string;
  metadata: JsonObject & { namespace: string; name: string; resourceVersion: string; generation: number };
  spec: JsonObject & { flinkConfiguration?: JsonObject };
  status?: JsonObject;
}

export const NAMESPACE = 'prod';
export const DEPLOYMENT = 'wordcount';
export const SESSION_JOB = 'clicks';
export const SESSION_CLUSTER = 'shared-session';
export const USER = 'system:serviceaccount:dhalion:dhalion';
const GROUP = 'flink.apache.org';
const KINDS: Readonly<Record<string, string>> = {
  flinkdeployments: 'FlinkDeployment',
  flinksessionjobs: 'FlinkSessionJob',
};

export interface KubernetesApiServer extends AnsweringServer {
  /** As it is now; the test may change it in place. */
  object(resource: string, name?: string): FlinkObject;
  /** One more, as those that there are. */
  add(resource: string, name: string): void;
  /** Somebody else changes it: its version is another. */
  touch(resource: string, name?: string): void;
  /** Parsed bodies of the patches, oldest first, the refused ones included. */
  patches(): readonly JsonObject[];
}

export interface ApiServerOptions {
  /** What the Role lacks, as `patch flinkdeployments`. */
  readonly lacking?: readonly string[];
  /** The same, asked at each request. */
  readonly isLacking?: (right: string) => boolean;
  /** The only token that it knows; default: it asks for none. */
  readonly token?: string;
  /** Answers a request and returns true, or returns false to leave it to this server. */
  readonly instead?: (
    response: ServerResponse,
    request: SeenRequest,
    server: Pick<KubernetesApiServer, 'object' | 'touch'>,
  ) => boolean;
  /** The job that all of them run. */
  readonly jobId?: string;
}

/** Of a Status. */
type Details = JsonObject & { kind: string; name: string };

/** Has a FlinkDeployment with a job, and a FlinkSessionJob with its cluster, all in one namespace. */
export async function kubernetesApiServer(t: Test, options: ApiServerOptions = {}): Promise<KubernetesApiServer> {
  const objects = new Map<string, FlinkObject>();
  let version = 1000;
  const keyOf = (resource: string, name: string): string => `${NAMESPACE}/${resource}/${name}`;
  for (const [resource, name, spec] of [
    ['flinkdeployments', DEPLOYMENT, { job: { state: 'running', upgradeMode: 'last-state', parallelism: 1 } }],
    ['flinkdeployments', SESSION_CLUSTER, {}],
    ['flinksessionjobs', SESSION_JOB, { deploymentName: SESSION_CLUSTER, job: { state: 'running', parallelism: 1 } }],
  ] as const) {
    objects.set(
      keyOf(resource, name),
      newObject(resource, name, { spec, jobId: options.jobId ?? null, version: (version += 1) }),
    );
  }
  const nameIn = (resource: string, name?: string): string =>
    name ?? (resource === 'flinksessionjobs' ? SESSION_JOB : DEPLOYMENT);
  const object = (resource: string, name?: string): FlinkObject => {
    const found = objects.get(keyOf(resource, nameIn(resource, name)));
    if (found === undefined) throw new Error(`there is no ${resource} ${nameIn(resource, name)}`);
    return found;
  };
  const touch = (resource: string, name?: string): void => {
    object(resource, name).metadata.resourceVersion = String((version += 1));
  };

  const add = (resource: string, name: string): void => {
    const object = structuredClone(objects.get(keyOf(resource, nameIn(resource))));
    if (object === undefined) throw new Error(`there is no ${resource}`);
    objects.set(keyOf(resource, name), { ...object, metadata: { ...object.metadata, name } });
  };

  function answer(response: ServerResponse, request: SeenRequest): void {
    if (options.instead?.(response, request, { object, touch }) === true) return;
    const { method, headers, body } = request;
    const { pathname } = new URL(request.path, 'http://localhost');
    if (options.token !== undefined && headers.authorization !== `Bearer ${options.token}`) {
      answerStatus(response, 401, { message: 'Unauthorized', reason: 'Unauthorized' });
      return;
    }
    const [, namespace, resource, name] =
      /^\/apis\/flink\.apache\.org\/v1beta1\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
    if (namespace === undefined || resource === undefined || name === undefined || !Object.hasOwn(KINDS, resource)) {
      // No Status: what has no such kind does not look at names.
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    const details = { name, group: GROUP, kind: resource };
    const verb = method === 'GET' ? 'get' : 'patch';
    const right = `${verb} ${resource}`;
    if (options.isLacking?.(right) ?? options.lacking?.includes(right) ?? false) {
      const what = `cannot ${verb} resource "${resource}" in API group "${GROUP}" in the namespace "${namespace}"`;
      const message = `${resource}.${GROUP} "${name}" is forbidden: User "${USER}" ${what}`;
      answerStatus(response, 403, { message, reason: 'Forbidden', details });
      return;
    }
    const found = namespace === NAMESPACE ? objects.get(keyOf(resource, name)) : undefined;
    if (found === undefined) {
      answerStatus(response, 404, { message: `${resource}.${GROUP} "${name}" not found`, reason: 'NotFound', details });
      return;
    }
    if (method === 'GET') answerJson(response, 200, found);
    else patch(response, found, { contentType: headers['content-type'] ?? '', body, details });
  }

  function patch(
    response: ServerResponse,
    found: FlinkObject,
    { contentType, body, details }: { contentType: string; body: string; details: Details },
  ): void {
    if (contentType !== 'application/merge-patch+json') {
      const message = `the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml`;
      answerStatus(response, 415, { message, reason: 'UnsupportedMediaType' });
      return;
    }
    const wanted = mergePatch(found as unknown as Json, JSON.parse(body) as Json) as unknown as FlinkObject;
    if (wanted.metadata.resourceVersion !== found.metadata.resourceVersion) {
      const message = `Operation cannot be fulfilled on ${details.kind}.${GROUP} "${details.name}": the object has been modified; please apply your changes to the latest version and try again`;
      answerStatus(response, 409, { message, reason: 'Conflict', details });
      return;
    }
    const { flinkConfiguration = {} } = wanted.spec;
    if (Array.isArray(flinkConfiguration)) {
      answerStatus(response, 422, invalidArray(details));
      return;
    }
    // The status is a subresource: a patch of the object does not change it.
    const spec = sorted(wanted.spec) as FlinkObject['spec'];
    if (JSON.stringify(spec) !== JSON.stringify(sorted(found.spec))) {
      found.spec = spec;
      found.metadata.resourceVersion = String((version += 1));
      found.metadata.generation += 1;
    }
    answerJson(response, 200, found);
  }

  const server = await answeringServer(t, answer);
  return {
    ...server,
    object,
    add,
    touch,
    patches: () =>
      server.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body) as JsonObject),
  };
}

function newObject(
  resource: string,
  name: string,
  { spec, jobId, version }: { spec: JsonObject; jobId: string | null; version: number },
): FlinkObject {
  const isJob = 'job' in spec;
  return {
    apiVersion: `${GROUP}/v1beta1`,
    kind: KINDS[resource] ?? '',
    metadata: { namespace: NAMESPACE, name, uid: `uid-of-${name}`, resourceVersion: String(version), generation: 1 },
    spec: {
      ...structuredClone(spec),
      flinkConfiguration: { 'jobmanager.scheduler': 'adaptive', 'taskmanager.numberOfTaskSlots': '2' },
    },
    status: {
      lifecycleState: 'STABLE',
      observedGeneration: 1,
      jobStatus: isJob ? { jobName: name, state: 'RUNNING', ...(jobId === null ? {} : { jobId }) } : {},
      reconciliationStatus: { state: 'DEPLOYED' },
    },
  };
}

function invalidArray({ kind: resource, name }: Details): { message: string; reason: string; details: JsonObject } {
  const kind = KINDS[resource] ?? '';
  const field = 'spec.flinkConfiguration';
  const fault = `Invalid value: "array": ${field} in body must be of type object: "array"`;
  const causes = [{ reason: 'FieldValueTypeInvalid', message: fault, field }];
  return {
    message: `${kind}.${GROUP} "${name}" is invalid: ${field}: ${fault}`,
    reason: 'Invalid',
    details: { name, group: GROUP, kind, causes },
  };
}

/** The FlinkDeployment after a patch; default: unchanged. */
export function answerSampleDeployment(response: ServerResponse, patch: Json = {}): void {
  const object = newObject('flinkdeployments', DEPLOYMENT, {
    spec: { job: { state: 'running' } },
    jobId: null,
    version: 1,
  });
  answerJson(response, 200, mergePatch(object as unknown as Json, patch));
}

/** As a kube-apiserver answers what it refuses. */
export function answerStatus(
  response: ServerResponse,
  code: number,
  { message, reason, details }: { message: string; reason?: string; details?: JsonObject },
): void {
  const known = { ...(reason === undefined ? {} : { reason }), ...(details === undefined ? {} : { details }) };
  answerJson(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...known,
    code,
  });
}

/** RFC 7386, section 2. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(Object.entries(isJsonObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key) ?? null, value));
  }
  return Object.fromEntries(merged);
}

/** Go writes the keys of a map in order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
