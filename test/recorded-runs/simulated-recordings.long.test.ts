// Recordings of the published form that were not known when the tool was written: made of simulated jobs, whose faults are known.
import t from 'tap';
import { waveLoad } from '../../src/simulator/load-curve.js';
import type { TopologySpec } from '../../src/simulator/topology-spec.js';
import { folderFor } from '../support/real-parts.js';
import { backtestRuns } from './backtest-runs.js';
import { checkSettled, countFallingBehind, rememberedSteps, shareOf, stretchesWhere } from './check-recordings.js';
import { parseRecordedRun, type RecordedRun } from './recorded-run.js';
import { simulateRecording, type SimulatedRecording } from './simulate-recording.js';
import { isBackpressure, isUnderprovisioned } from './stretches.js';

t.setTimeout(300_000);

/** Records/s of both sources of the join together. */
const LOAD = { mean: 50_000, amplitude: 25_000, periodS: 3600 } as const;
type Capacity = Readonly<Record<'source' | 'filter' | 'join' | 'sink', number>>;
const CAPACITY: Capacity = { source: 30_000, filter: 40_000, join: 8_000, sink: 20_000 };

/** Two sources, one of them filtered, joined; capacities in records/s of one instance. */
function joinSpec(name: string, taskManagers: number, capacity: Capacity): TopologySpec {
  const sourceOf = (operator: string, share: number): TopologySpec['operators'][number] => ({
    name: operator,
    parallelism: taskManagers,
    capacity: capacity.source,
    source: { kind: 'kafka', offered: waveLoad(LOAD.mean * share, LOAD.amplitude * share, LOAD.periodS) },
  });
  const inner = { parallelism: taskManagers, selectivity: 0.5 } as const;
  return {
    name,
    restartGapSeconds: 45,
    loadNoise: { share: 0.05, correlationSeconds: 60 },
    operators: [
      sourceOf('auctions', 0.75),
      sourceOf('persons', 0.25),
      { ...inner, name: 'filter', capacity: capacity.filter, inputs: ['auctions'] },
      { ...inner, name: 'join', capacity: capacity.join, inputs: ['filter', 'persons'] },
      { ...inner, name: 'sink', capacity: capacity.sink, inputs: ['join'] },
    ],
  };
}

/** @param taskManagers [from minute, how many] */
function simulatedRun(
  name: string,
  taskManagers: readonly (readonly [number, number])[],
  capacity: Partial<Capacity> = {},
): RecordedRun {
  const recording: SimulatedRecording = {
    spec: joinSpec(name, taskManagers[0]?.[1] ?? 1, { ...CAPACITY, ...capacity }),
    offered: waveLoad(LOAD.mean, LOAD.amplitude, LOAD.periodS),
    minutes: 140,
    taskManagers: taskManagers.map(([fromMinute, count]) => ({ fromMinute, count })),
    seed: 7,
  };
  return parseRecordedRun(name, simulateRecording(recording));
}

void t.test('recordings of simulated jobs are diagnosed by the same configuration', async (t) => {
  const runs = [
    // prettier-ignore
    simulatedRun('join-held-up', [[0, 6], [22, 7], [30, 4], [50, 3], [70, 6], [80, 7], [100, 3], [120, 5]]),
    // prettier-ignore
    simulatedRun('join-with-room', [[0, 16], [40, 14], [80, 16]]),
    // prettier-ignore
    simulatedRun('slow-sources', [[0, 6], [24, 9], [36, 6], [70, 10]], { source: 6_000, join: 40_000 }),
  ];
  const backtested = await backtestRuns({ runs, parallelism: 'largest', folder: await folderFor(t) });
  const [heldUp, withRoom, slowSources] = backtested;
  if (heldUp === undefined || withRoom === undefined || slowSources === undefined) throw new Error('a run is missing');

  await t.test('a join that is too small is underprovisioned where it holds up, and not where it does not', (t) => {
    const settled = checkSettled(t, heldUp);
    t.ok(settled.above > 100);
    t.ok(settled.below > 100);
    t.ok(stretchesWhere(heldUp.steps, '> 500').every(({ steps }) => steps.some(isUnderprovisioned)));
    t.end();
  });

  await t.test('one with room is overprovisioned, and held up only while it catches up after a restart', (t) => {
    t.ok(checkSettled(t, withRoom).below > 500);
    // Not while its load falls: the peak is about to be forgotten.
    t.ok(shareOf(rememberedSteps(withRoom.steps), 'overprovisioned') > 0.6);
    t.end();
  });

  await t.test('sources that are too small fall behind, and nothing holds them up', (t) => {
    t.notOk(slowSources.steps.some(isBackpressure));
    t.ok(countFallingBehind(slowSources.steps) >= 3);
    t.end();
  });
});
