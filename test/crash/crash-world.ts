// One topology, one webhook and one action log for each crash window, on a Prometheus that all windows share: the service is
// started, killed and started again as a process, always on the same storage and the same port.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { freePort } from '../../src/real-parts/child-program.js';
import { spawnDhalion, type ServedDhalion } from '../support/command-line.js';
import { dhalionClient, eventually, type DhalionClient } from '../support/dhalion-client.js';
import type { FlinkExporter, FlinkJob } from '../support/flink-exporter.js';
import { longerTopologyEntry, topologyEntry } from '../support/flink-jobs.js';
import { findViolations, readLog, type ActionRow, type AuditedCall, type LogRows } from '../support/log-audit.js';
import { dhalionConfig, type LoopWorld } from '../support/loop-world.js';
import { folderFor } from '../support/real-parts.js';
import { scalingEndpoint, type ScalingCall, type ScalingEndpoint } from '../support/scaling-endpoint.js';
import { prometheusGate, type PrometheusGate } from './prometheus-gate.js';

export interface CrashWorld {
  readonly topology: string;
  /** Folder of the action log. */
  readonly storage: string;
  readonly gate: PrometheusGate;
  readonly scaler: ScalingEndpoint;
  readonly dhalion: DhalionClient;
  setJob(job: FlinkJob): void;
  /** Resolves when the service is ready. */
  start(): Promise<ServedDhalion>;
  /**
   * Waits until the diagnosis of `split` applies and its size is known, then notifies for every operator with this diagnosis, as
   * Alertmanager would; resolves when the notification is accepted.
   */
  report(diagnosis: string): Promise<void>;
  log(): LogRows;
  /** Waits until the log has such an action. */
  action(what: string, isIt: (action: ActionRow) => boolean): Promise<ActionRow>;
  /**
   * While blocked, a call cannot read its signing secret, fails, and waits for its next attempt: the attempt is recorded, and no byte
   * is sent.
   */
  blockCalls(): void;
  unblockCalls(): void;
  /** Violations of the invariants of all crash windows. Call it when everything is judged. */
  violations(): string[];
}

/** Any key. */
const SECRET = `whsec_${Buffer.from('any key, for signatures').toString('base64')}`;

export async function crashWorld(
  t: Test,
  shared: { readonly world: LoopWorld; readonly exporter: FlinkExporter },
  { topology, job }: { readonly topology: string; readonly job: FlinkJob },
): Promise<CrashWorld> {
  const folder = await folderFor(t);
  const storage = join(folder, 'data');
  const secretFile = join(folder, 'secret');
  const configFile = join(folder, 'dhalion.yml');
  const gate = await prometheusGate(t, shared.world.prometheus.url);
  const scaler = await scalingEndpoint(t);
  const port = await freePort();
  const dhalion = dhalionClient(`http://127.0.0.1:${port}`);

  const unblockCalls = (): void => {
    rmSync(secretFile, { force: true });
    writeFileSync(secretFile, SECRET);
  };
  const log = (): LogRows => readLog(storage);
  shared.exporter.setJob(topology, job);
  unblockCalls();
  writeFileSync(
    configFile,
    dhalionConfig({
      prometheusUrl: gate.url,
      folder,
      webhookUrl: scaler.url,
      topologies: ['count' in job ? longerTopologyEntry(topology) : topologyEntry(topology)],
      scaler: `signing_secret_file: ${JSON.stringify(secretFile)}`,
    }),
  );
  return {
    ...{ topology, storage, gate, scaler, dhalion, log, unblockCalls },
    setJob: (changed) => {
      shared.exporter.setJob(topology, changed);
    },
    start: async () => {
      const service = spawnDhalion({ configFile, port });
      t.teardown(() => service.end());
      if (!(await service.ready())) throw new Error(service.stderr());
      return service;
    },
    report: async (diagnosis) => {
      const diagnosed = await eventually(`${diagnosis} of split in ${topology}`, async () => {
        const { operators } = await dhalion.topology(topology);
        const found = operators.filter(({ diagnoses }) => diagnoses.some((name) => name === diagnosis));
        const split = found.find(({ operator }) => operator === 'split');
        return split !== undefined && split.recommended_parallelism !== split.parallelism ? found : null;
      });
      const notices = diagnosed.map(({ operator }) => ({ topology, operator, diagnosis }));
      t.equal(await dhalion.notify(...notices), 202);
    },
    action: (what, isIt) => eventually(what, () => log().actions.find(isIt)),
    blockCalls: () => {
      rmSync(secretFile);
    },
    violations: () => findViolations(log(), scaler.calls().map(auditedCall)),
  };

  function auditedCall(call: ScalingCall): AuditedCall {
    const key = call.headers['idempotency-key'];
    return {
      key: typeof key === 'string' ? key : '',
      body: call.rawBody,
      // The time of a call is unknown here; the chaos run tests that none comes after the judgement.
      receivedAtMs: -Infinity,
    };
  }
}
