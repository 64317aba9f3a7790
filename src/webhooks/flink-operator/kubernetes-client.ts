// EDGE: the Kubernetes API server: the two requests that a change takes, and how much of an answer is taken. What an answer means is left
// to whoever asks.
import type { HttpAnswer, HttpClient } from '../../outbound/http-client.js';

export interface KubernetesServer {
  readonly http: Pick<HttpClient, 'call'>;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of one request. */
export interface RequestLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Each rejects with the faults of `HttpClient.call`, and resolves with an answer of any status. */
export interface KubernetesClient {
  read(url: string, limits: RequestLimits): Promise<HttpAnswer>;
  /** @param patch JSON merge patch (RFC 7386): what it does not name stays as it is */
  patch(url: string, patch: object, limits: RequestLimits): Promise<HttpAnswer>;
}

const JSON_TYPE = 'application/json';
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';
/** Twice what etcd keeps of an object; what is longer is cut. */
const CUT = { maxResponseBytes: 3 * 1024 * 1024, ifTooLong: 'cut' } as const;
/** Who is said to have changed it, in `metadata.managedFields`. */
const FIELD_MANAGER = 'dhalion';

export function createKubernetesClient({ http, headers = {} }: KubernetesServer): KubernetesClient {
  return {
    read: (url, limits) =>
      http.call({ url, method: 'GET', headers: { ...headers, accept: JSON_TYPE }, body: null, ...CUT, ...limits }),
    patch: (url, patch, limits) =>
      http.call({
        url: `${url}?fieldManager=${FIELD_MANAGER}`,
        method: 'PATCH',
        headers: { ...headers, accept: JSON_TYPE, 'content-type': MERGE_PATCH_TYPE },
        body: JSON.stringify(patch),
        ...CUT,
        ...limits,
      }),
  };
}
