// An API server with the kinds of the Flink operator and of the Prometheus operator, and what several stories do with it.
import { readFile } from 'node:fs/promises';
import type { Test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { systemClock } from '../../../src/clock.js';
import type { KubernetesServers } from './build-servers.js';
import type { KubernetesAnswer, KubernetesObject } from './kubernetes-client.js';
import { startApiServer, type ApiServer } from './start-api-server.js';

/** A part of `npm run e2e:kubernetes`, on a cluster shared with others: each creates its own namespaces. */
export type Story = (t: Test, cluster: Cluster) => Promise<void>;

export interface Cluster extends ApiServer {
  /** With `labels`, such as those of pod security. */
  createNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** A token of a service account, as its pod would have it. */
  tokenOf(namespace: string, serviceAccount: string): Promise<string>;
}

const DEFINITIONS = ['crds/flink.yaml', 'crds/monitoring.yaml'];
const ESTABLISHED_TIMEOUT_MS = 30_000;
const POLL_MS = 100;

export async function startCluster(servers: KubernetesServers): Promise<Cluster> {
  const server = await startApiServer(servers);
  try {
    for (const file of DEFINITIONS) {
      for (const definition of objectsIn(await readFile(new URL(file, import.meta.url), 'utf8'))) {
        expectStatus(await server.admin.apply(definition), [200, 201]);
        await untilEstablished(server, definition);
      }
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    ...server,
    createNamespace: async (name, labels = {}) => {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
      expectStatus(await server.admin.apply(namespace), [200, 201]);
      // No controller does it here.
      expectStatus(
        await server.admin.apply({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace: name },
        }),
        [200, 201],
      );
    },
    tokenOf: async (namespace, serviceAccount) => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`;
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
      const answer = expectStatus(await server.admin.request('POST', path, { body }), [201]);
      return (answer.body as { readonly status: { readonly token: string } }).status.token;
    },
  };
}

/** The objects of a file in YAML. Throws at the first that is none. */
export function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}

/** The answer. Throws the server's error if it is none of these. */
export function expectStatus(answer: KubernetesAnswer, statuses: readonly number[]): KubernetesAnswer {
  if (!statuses.includes(answer.status)) throw new Error(`the API server answers ${answer.status}: ${answer.text}`);
  return answer;
}

/** Until objects of the kind can be asked for. */
async function untilEstablished(server: ApiServer, definition: KubernetesObject): Promise<void> {
  const { spec } = definition as unknown as {
    readonly spec: {
      readonly group: string;
      readonly names: { readonly plural: string };
      readonly versions: readonly { readonly name: string }[];
    };
  };
  const path = `/apis/${spec.group}/${spec.versions[0]?.name ?? ''}/${spec.names.plural}`;
  const deadlineMs = systemClock.elapsed() + ESTABLISHED_TIMEOUT_MS;
  for (;;) {
    const answer = await server.admin.request('GET', path);
    if (answer.status === 200) return;
    if (systemClock.elapsed() > deadlineMs) expectStatus(answer, [200]);
    await systemClock.sleep(POLL_MS);
  }
}
