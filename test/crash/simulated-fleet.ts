// Simulated topologies in real time, a Prometheus that scrapes them, and the receiver of the scaling webhook in front of
// them, which keeps every call. Without tap, because commands use it, too. Minutes become seconds.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../src/clock.js';
import { startPrometheus } from '../../src/real-parts/start-prometheus.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator-server.js';
import type { TopologySpec } from '../../src/simulator/topology-spec.js';
import type { AuditedCall } from '../support/log-audit.js';
import { SOURCE, topologyEntry } from '../support/flink-jobs.js';
import { dhalionConfig } from '../support/loop-world.js';
import { programPath } from '../support/real-parts.js';

export interface FleetCall extends AuditedCall {
  readonly topology: string;
}

export interface SimulatedFleet {
  readonly configFile: string;
  /** Folder of the action log. */
  readonly storage: string;
  readonly calls: readonly FleetCall[];
  /** Calls received but not answered yet. */
  callsUnderWay(): number;
  /** Records/s at the source of a topology. */
  setLoad(topology: string, recordsPerSecond: number): void;
  stop(): Promise<void>;
}

export interface FleetOptions {
  /** Names as Flink's reporter shows them: letters, digits, `_` and `:`. */
  readonly topologies: readonly string[];
  /** Initial records/s. An instance takes 250. */
  readonly load: number;
  /** `policy` of all topologies. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** Delay of the receiver before it applies a call, and again before its answer, ms. */
  readonly delayMs: () => number;
  /** Whether it answers 503 and does nothing. */
  readonly isRefused: () => boolean;
}

/** Rejects with the fault of a part that did not start, after ending all others. */
export async function startFleet(options: FleetOptions): Promise<SimulatedFleet> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    return { ...(await startParts(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: FleetOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<SimulatedFleet, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-fleet-'));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  const simulators = new Map<string, Simulator>();
  for (const [seed, name] of options.topologies.entries()) {
    const spec = topologySpec(name, options.load);
    const simulator = await startSimulator({ spec, flavour: 'flink', seed, stepMs: 50, clock: systemClock });
    stops.push(() => simulator.stop());
    simulators.set(name, simulator);
  }
  const targets = [...simulators.values()].map(({ url }) => JSON.stringify(new URL(url).host));
  const prometheus = await startPrometheus({
    program: await programPath('prometheus'),
    dataDir: join(folder, 'prometheus'),
    config: `
global: {scrape_interval: 1s, scrape_timeout: 900ms}
scrape_configs: [{job_name: flink, static_configs: [{targets: [${targets.join(', ')}]}]}]
`,
  });
  stops.push(() => prometheus.stop());
  const receiver = await startReceiver(simulators, options);
  stops.push(() => receiver.stop());
  const configFile = join(folder, 'dhalion.yml');
  await writeFile(
    configFile,
    dhalionConfig({
      prometheusUrl: prometheus.url,
      folder,
      webhookUrl: receiver.url,
      scaler: 'timeout: 5s, max_attempts: 100',
      topologies: options.topologies.map((name) => topologyEntry(name, { policy: options.policy })),
    }),
  );
  return {
    ...{ configFile, calls: receiver.calls, callsUnderWay: receiver.callsUnderWay },
    storage: join(folder, 'data'),
    setLoad: (topology, recordsPerSecond) => simulators.get(topology)?.topology.setOfferedRate(recordsPerSecond),
  };
}

/** Keys are spread evenly, except with 2 instances: then one of them gets nine tenths, and scaling down to 2 does harm. */
function topologySpec(name: string, offered: number): TopologySpec {
  return {
    name,
    physics: { kind: 'blocking', bufferSeconds: 1 },
    restartGapSeconds: 0.5,
    operators: [
      { name: SOURCE, parallelism: 1, capacity: 10_000, source: { kind: 'push', offered } },
      {
        name: 'split',
        parallelism: 1,
        capacity: 250,
        keySkew: { kind: 'weights', byParallelism: { 2: [9, 1] } },
        inputs: [SOURCE],
      },
    ],
  };
}

async function startReceiver(simulators: ReadonlyMap<string, Simulator>, { delayMs, isRefused }: FleetOptions) {
  const calls: FleetCall[] = [];
  let underWay = 0;
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const receivedAtMs = Date.now();
    const body = await text(request);
    const key = String(request.headers['idempotency-key']);
    const { topology } = JSON.parse(body) as { topology: string };
    calls.push({ key, body, topology, receivedAtMs });
    await systemClock.sleep(delayMs());
    const simulator = simulators.get(topology);
    if (simulator === undefined || isRefused()) {
      response.writeHead(simulator === undefined ? 404 : 503).end();
      return;
    }
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const answer = await fetch(`${simulator.url}/scale`, { method: 'POST', headers, body });
    const content = await answer.text();
    await systemClock.sleep(delayMs());
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(content);
  };
  const server = createServer((request, response) => {
    underWay += 1;
    // The caller may have ended; the call remains applied.
    void receive(request, response)
      .catch(() => response.destroy())
      .finally(() => (underWay -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    calls,
    callsUnderWay: () => underWay,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
