// EDGE: the two requests to the Kubernetes API server for a change, and the size limit of answers. The caller interprets answers.
import type { HttpAnswer, HttpClient } from '../../outbound/http-client.js';
import type { RequestLimits } from '../attempt-requests.js';

export interface KubernetesServer {
  readonly http: Pick<HttpClient, 'call'>;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Each rejects with the faults of `HttpClient.call`, and resolves with an answer of any status. */
export interface KubernetesClient {
  read(url: string, limits: RequestLimits): Promise<HttpAnswer>;
  /** @param patch JSON merge patch (RFC 7386): keys that are not in it are unchanged */
  patch(url: string, patch: object, limits: RequestLimits): Promise<HttpAnswer>;
}

const JSON_TYPE = 'application/json';
export const MERGE_PATCH_TYPE = 'application/merge-patch+json';
/** Twice etcd's limit for an object; longer answers are cut. */
const CUT = { maxResponseBytes: 3 * 1024 * 1024, ifTooLong: 'cut' } as const;
/** The name of the writer in `metadata.managedFields`. */
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
