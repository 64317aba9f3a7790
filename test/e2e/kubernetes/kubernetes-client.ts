// Asks a Kubernetes API server as one user, whatever it answers: a refusal is what many a test asks for.
import { request, type RequestOptions } from 'node:https';

export interface KubernetesAnswer {
  readonly status: number;
  readonly body: unknown;
  /** As it came. */
  readonly text: string;
  /** The server's warnings, such as an unknown field; without code and agent. */
  readonly warnings: readonly string[];
}

export interface KubernetesRequest {
  readonly body?: unknown;
  /** Default application/json. */
  readonly contentType?: string;
  readonly timeoutMs?: number;
}

/** As far as this needs to know. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface KubernetesClient {
  /** Rejects only without an answer. @param path with its query */
  request(method: string, path: string, request?: KubernetesRequest): Promise<KubernetesAnswer>;
  /** As `kubectl apply --server-side`, with every unknown or repeated field a fault. */
  apply(object: KubernetesObject, options?: { readonly dryRun?: boolean }): Promise<KubernetesAnswer>;
}

const FIELD_MANAGER = 'dhalion-e2e';
const TIMEOUT_MS = 30_000;

export function createKubernetesClient(server: {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}): KubernetesClient {
  const ask: KubernetesClient['request'] = (method, path, { body, contentType, timeoutMs = TIMEOUT_MS } = {}) =>
    send(
      `${server.url}${path}`,
      {
        method,
        ca: server.ca,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${server.token}`,
          ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
        },
      },
      body,
    );
  return {
    request: ask,
    apply: (object, { dryRun = false } = {}) => {
      const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation: 'Strict', force: 'true' });
      if (dryRun) query.set('dryRun', 'All');
      // JSON is YAML too.
      return ask('PATCH', `${pathOf(object)}?${query.toString()}`, {
        body: object,
        contentType: 'application/apply-patch+yaml',
      });
    },
  };
}

/** Plurals that are not the kind and an s. */
const PLURALS: Readonly<Record<string, string>> = { NetworkPolicy: 'networkpolicies' };

/** Where an object is, or is to be. */
export function pathOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${within}/${PLURALS[kind] ?? `${kind.toLowerCase()}s`}/${metadata.name}`;
}

function send(url: string, options: RequestOptions, body: unknown): Promise<KubernetesAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          body: parsed(text),
          text,
          warnings: warningsOf(response.headers.warning),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The text of a header such as `299 - "unknown field \"spec.x\""`; there may be several. */
function warningsOf(header: string | undefined): string[] {
  return [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
}
