// The receiver of what Flink's REST API cannot do, in the part of those who run the cluster: a slow instance gets another
// TaskManager, a hot key is dealt with in the job. Keeps what it was asked for.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/clock.js';
import { describeError } from '../../../src/errors.js';
import type { FlinkCluster } from './flink-cluster.js';
import type { JobControls } from './job-controls.js';

export interface Operations {
  /** Without a trailing slash. */
  readonly url: string;
  /** Oldest first. */
  orders(): readonly Order[];
  stop(): Promise<void>;
}

/** Of the scaling webhook's body. */
export interface Order {
  readonly receivedAtMs: number;
  readonly resolver: string;
  readonly operator: string;
  readonly operator_instances: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export async function startOperations(
  cluster: Pick<FlinkCluster, 'restUrl' | 'replaceTaskManager'>,
  controls: JobControls,
  clock: Pick<Clock, 'now'>,
): Promise<Operations> {
  const orders: Order[] = [];
  const carryOut = async (text: string): Promise<void> => {
    const order = { ...(JSON.parse(text) as Omit<Order, 'receivedAtMs'>), receivedAtMs: clock.now() };
    orders.push(order);
    await controls.trouble(null);
    if (order.resolver !== 'restart_instances') return;
    const hosts = await taskManagersOf(cluster.restUrl, order);
    for (const host of hosts) await cluster.replaceTaskManager(host);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      carryOut(Buffer.concat(chunks).toString('utf8')).then(
        () => response.writeHead(202).end(),
        (error: unknown) => response.writeHead(500).end(describeError(error)),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    orders: () => [...orders],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

interface Vertex {
  readonly subtasks: readonly { readonly subtask: number; readonly 'taskmanager-id': string }[];
}

/** Resource ids of the TaskManagers that run these instances. */
async function taskManagersOf(restUrl: string, { labels, operator_instances: instances }: Order): Promise<Set<string>> {
  const url = `${restUrl}/jobs/${labels['job_id'] ?? ''}/vertices/${labels['task_id'] ?? ''}`;
  const vertex = (await (await fetch(url, { signal: AbortSignal.timeout(30_000) })).json()) as Vertex;
  const hosts = vertex.subtasks.filter(({ subtask }) => instances.includes(String(subtask)));
  return new Set(hosts.map((subtask) => subtask['taskmanager-id']));
}
