// The real service's exports for series that end at one instant of the past, with its clock stopped there.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { systemClock } from '../../src/clock.js';
import { eventually } from './dhalion-client.js';
import { valuesOf } from './exposition.js';
import { dhalionFor } from './loop-world.js';
import { prometheusWithHistory, type History } from './real-parts.js';
import { END_S } from './sensing.js';

/** The exported values of one operator; null: no series. */
export interface SeenOperator {
  readonly isCulprit: boolean | null;
  /** To six digits: Prometheus sums in another order than a test. */
  readonly suspendedRatio: number | null;
  readonly parallelism: number | null;
  readonly recommended: number | null;
  /** The diagnoses that hold. */
  readonly diagnoses: readonly string[];
  /** As in the API. */
  readonly heldUpBy: readonly string[];
  /** Whether anything in its topology has backpressure. */
  readonly isPressed: boolean | null;
  readonly isStalled: boolean | null;
}

export type SeenInHistory = (topology: string, operator: string) => SeenOperator;

/** @param yaml the configuration without `prometheus` and `storage` */
export async function seenInHistory(t: Test, history: readonly History[], yaml: string): Promise<SeenInHistory> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-history-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { url } = await prometheusWithHistory(t, history);
  const configFile = join(folder, 'dhalion.yml');
  await writeFile(configFile, `prometheus: {url: ${url}}\nstorage: {path: ${JSON.stringify(folder)}}\n${yaml}`);
  const dhalion = await dhalionFor(t, {
    configFile,
    clock: { ...systemClock, now: () => END_S * 1000 },
    keepsOwnTime: true,
  });
  await eventually('an evaluation', async () => (await dhalion.metric('dhalion_operator_parallelism')) !== null);
  const series = await dhalion.series();
  const told = new Map((await dhalion.topologies()).map((topology) => [topology.topology, topology.operators]));
  return (topology, operator) => {
    const valueOf = (name: string, labels: Record<string, string> = {}): number | null =>
      valuesOf(series, name, { topology, operator, ...labels })[0] ?? null;
    const truthOf = (symptom: string): boolean | null => asTruth(valueOf('dhalion_symptom', { symptom }));
    const ratio = valueOf('dhalion_operator_suspended_ratio');
    return {
      isCulprit: truthOf('backpressure'),
      suspendedRatio: ratio === null ? null : Math.round(ratio * 1e6) / 1e6,
      parallelism: valueOf('dhalion_operator_parallelism'),
      recommended: valueOf('dhalion_operator_recommended_parallelism'),
      diagnoses: series
        .filter(({ name, value }) => name === 'dhalion_diagnosis' && value === 1)
        .filter(({ labels }) => labels['topology'] === topology && labels['operator'] === operator)
        .map(({ labels }) => labels['diagnosis'] ?? ''),
      heldUpBy: told.get(topology)?.find((one) => one.operator === operator)?.held_up_by ?? [],
      isPressed: asTruth(valuesOf(series, 'dhalion_topology_backpressure', { topology })[0] ?? null),
      isStalled: truthOf('stalled'),
    };
  };
}

function asTruth(gauge: number | null): boolean | null {
  return gauge === null ? null : gauge === 1;
}
