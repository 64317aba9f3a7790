// Heron-shaped series, written by hand, through Prometheus and the whole service to its metrics: the values of Heron's own
// resolver tests, and cases in which that resolver throws or overshoots.
import t from 'tap';
import { heronBolt, heronSpout, heronSuspended } from '../support/heron-series.js';
import type { History } from '../support/real-parts.js';
import { seenInHistory, type SeenOperator } from '../support/seen-in-history.js';

/** How long each instance of each bolt suspends its input, in ms of every second. */
interface HeronCase {
  readonly topology: string;
  readonly bolts: Readonly<Record<string, readonly number[]>>;
  /** ms/s for which the spouts were held up, by any bolt. */
  readonly suspended: number;
  /** Packets waiting for each instance; default: 100 if it holds others up, else 40. */
  readonly packets?: number;
  readonly expected: Readonly<Record<string, Partial<SeenOperator>>>;
}

const culprit = (suspendedRatio: number, recommended: number): Partial<SeenOperator> => ({
  isCulprit: true,
  suspendedRatio,
  recommended,
  diagnoses: ['underprovisioning'],
});

const UNKNOWN: Partial<SeenOperator> = { isCulprit: null, suspendedRatio: null, diagnoses: [], isPressed: true };

const CASES: readonly HeronCase[] = [
  {
    topology: 'half',
    bolts: { bolt: [500, 0] },
    suspended: 500,
    expected: { bolt: { parallelism: 2, ...culprit(0.5, 5) } },
  },
  { topology: 'three-quarters', bolts: { bolt: [750, 0] }, suspended: 750, expected: { bolt: culprit(0.75, 10) } },
  { topology: 'two-of-three', bolts: { bolt: [400, 100, 0] }, suspended: 500, expected: { bolt: culprit(0.5, 8) } },
  {
    // The spouts offer 1 / 0.3 times what gets through. The bolt that is charged most is full, the other one to (1 − 0.5) /
    // (1 − 0.25).
    topology: 'two-culprits',
    bolts: { parse: [500, 0], idle: [0], count: [0, 250, 0] },
    suspended: 700,
    expected: { parse: culprit(0.5, 8), idle: { isCulprit: false, suspendedRatio: 0 }, count: culprit(0.25, 8) },
  },
  {
    // Their stream managers held the spouts up at the same time: 4 × 0.5 is not a share of time.
    topology: 'filling-together',
    bolts: { bolt: [500, 500, 500, 500] },
    suspended: 500,
    expected: { bolt: culprit(0.5, 10) },
  },
  {
    topology: 'noisy',
    bolts: { bolt: [3, 3, 0] },
    suspended: 5,
    expected: { bolt: { isCulprit: false, suspendedRatio: 0, isPressed: false } },
  },
  {
    // Bolts that could be smaller, but one of them may suspend the spouts.
    topology: 'nobody-charged',
    bolts: { parse: [0, 0, 0, 0], count: [0, 0] },
    suspended: 500,
    packets: 0,
    expected: { parse: { parallelism: 4, recommended: 4, ...UNKNOWN }, count: { recommended: 2, ...UNKNOWN } },
  },
  {
    topology: 'not-suspended',
    bolts: { parse: [0, 0, 0, 0] },
    suspended: 0,
    packets: 0,
    expected: { parse: { isCulprit: false, isPressed: false, recommended: 3, diagnoses: ['overprovisioning'] } },
  },
  {
    // Each of its instances is below the threshold, but together they suspend the spouts.
    topology: 'many-a-little',
    bolts: { bolt: [40, 40, 40, 40] },
    suspended: 160,
    packets: 0,
    expected: { bolt: { recommended: 4, ...UNKNOWN } },
  },
];

void t.test('Heron-shaped series', async (t) => {
  const history = CASES.flatMap(({ topology, bolts, suspended, packets }): History[] => [
    ...heronSpout({ topology, component: 'spout', task: 1, backpressureMs: 0, packets: 0, emitted: 60_000 }),
    heronSuspended(topology, 1, 60 * suspended),
    ...Object.entries(bolts).flatMap(([component, values], position) =>
      values.flatMap((ms, index) => {
        // An instance that holds others up has a full queue; all get the same work.
        const waiting = packets ?? (ms > 50 ? 100 : 40);
        const task = 10 * (position + 1) + index;
        return heronBolt({ topology, component, task, backpressureMs: 60 * ms, packets: waiting, executed: 60_000 });
      }),
    ),
  ]);
  const seen = await seenInHistory(t, history, 'topologies: [{discover: ".*", engine: heron}]\n');
  for (const { topology, bolts, expected } of CASES) {
    const values = Object.entries(bolts).map(([bolt, ms]) => `${bolt} (${ms.join(', ')})`);
    await t.test(`${topology}: ${values.join(', ')} ms/s`, (t) => {
      for (const [operator, facts] of Object.entries(expected)) t.match(seen(topology, operator), facts, operator);
      t.match(seen(topology, 'spout'), { parallelism: 1, isCulprit: false, diagnoses: [] });
      t.end();
    });
  }
});
