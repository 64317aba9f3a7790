// Lost scrapes move no number: for random topologies with constant rates (and backlogs that grow or shrink evenly), any
// scrapes of any TaskManagers are removed, and the real Prometheus is asked for both.
import t from 'tap';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';
import { evaluateSensed } from '../../src/control-loop/evaluate-sensed.js';
import type { TopologyMemory } from '../../src/policy/notice-missing-instances.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import { sense, type SensingRequest } from '../../src/sensors/sense.js';
import type { SensedTopology } from '../../src/sensors/assemble-measurements.js';
import { createSeededRandom } from '../../src/simulator/seeded-random.js';
import type { History } from '../support/real-parts.js';
import { clientOf, discovery, END_S, engineOf } from '../support/sensing.js';

// Tens of thousands of series, however busy the machine is.
t.setTimeout(600_000);

const TOPOLOGIES = 2000;
const WINDOW_S = 60;
/** Seconds before the end of the scrapes; the first two are never cut and show all instances. */
const SCRAPES = [105, 90, 75, 60, 45, 30, 15, 0];
const FIRST_LOOK_S = 90;

const seeded = createSeededRandom(20_261_127);
const random = (): number => seeded.uniform();
const oneOf = <Value>(values: readonly [Value, ...Value[]]): Value =>
  values[Math.floor(random() * values.length)] ?? values[0];

interface Cuts {
  has(taskManager: number, beforeS: number): boolean;
}

const NO_CUTS: Cuts = { has: () => false };

function randomCuts(): Cuts {
  const share = oneOf([0.1, 0.3, 0.6]);
  const cut = new Set(
    [0, 1].flatMap((tm) => SCRAPES.filter(() => random() < share).map((beforeS) => `${tm} ${beforeS}`)),
  );
  // Sometimes one is not scraped at all any more.
  const gone = random() < 0.2 ? 1 : null;
  return { has: (tm, beforeS) => beforeS < FIRST_LOOK_S && (tm === gone || cut.has(`${tm} ${beforeS}`)) };
}

type Metrics = readonly (readonly [name: string, labels: object, at: (beforeS: number) => number])[];

function metricsOf(task: string): Metrics {
  const constant = (value: number) => (): number => value;
  const busy = oneOf([0, 100, 500, 900, 1000]);
  const metrics: Metrics = [
    ['backPressuredTimeMsPerSecond', {}, constant(oneOf([0, 0, 30, 400, 900]))],
    ['numRecordsInPerSecond', {}, constant(oneOf([0, 40, 100, 1000]))],
    ['busyTimeMsPerSecond', {}, constant(busy)],
    ['idleTimeMsPerSecond', {}, constant(oneOf([0, 1000 - busy]))],
    ['Shuffle_Netty_Input_Buffers_inputQueueLength', {}, constant(oneOf([0, 2, 6, 80]))],
  ];
  if (!task.startsWith('Source:') || random() < 0.4) return metrics;
  const [size, slope] = [oneOf([0, 500, 15_000, 900_000]), oneOf([0, 0, 35, -35, 700])];
  return [
    ...metrics,
    [
      'operator_pendingRecords',
      { operator_name: 'Source:_in' },
      (beforeS) => size + Math.max(0, slope) * 105 - slope * beforeS,
    ],
  ];
}

/** Both histories, without and with cuts, as two otherwise equal jobs. */
function historiesOf(index: number): History[] {
  const cuts = randomCuts();
  return ['Source:_in', 'map'].flatMap((task) => {
    const parallelism = oneOf([1, 2, 2, 3, 4]);
    const same = random() < 0.5 ? metricsOf(task) : null;
    return Array.from({ length: parallelism }, (_, subtask) => ({ subtask, metrics: same ?? metricsOf(task) })).flatMap(
      ({ subtask, metrics }) => {
        const taskManager = oneOf([0, 1]);
        return metrics.flatMap(([name, own, at]) =>
          (
            [
              ['whole', NO_CUTS],
              ['cut', cuts],
            ] as const
          ).map(([job, taken]) => ({
            name: `flink_taskmanager_job_task_${name}`,
            labels: {
              ...{ job_name: `${job}-${index}`, job_id: 'j', task_name: task, task_id: task, ...own },
              ...{ subtask_index: String(subtask), task_attempt_id: `a${subtask}` },
            },
            samples: SCRAPES.filter((beforeS) => !taken.has(taskManager, beforeS)).map(
              (beforeS) => [END_S - beforeS, at(beforeS)] as const,
            ),
          })),
        );
      },
    );
  });
}

type Evaluations = ReadonlyMap<string, TopologyEvaluation>;

await t.test(
  'a symptom is unchanged or becomes unknown, whatever scrapes are lost, and nothing is asked for',
  async (t) => {
    const histories = Array.from({ length: TOPOLOGIES }, (_, index) => historiesOf(index)).flat();
    // Prometheus marks a series stale when a scrape fails; a history cannot hold such marks, so older samples are ignored.
    const client = await clientOf(t, histories, ['--query.lookback-delta=10s']);
    const memories = new Map<string, TopologyMemory>();
    let known: readonly SensedTopology[] = [];
    const look = async (beforeS: number): Promise<Evaluations> => {
      const request: SensingRequest = {
        ...{ client, engine: engineOf('flink', { resolutionMs: 5000 }), windowMs: WINDOW_S * 1000, known },
        ...{ atMs: (END_S - beforeS) * 1000, listed: [], discoveries: [discovery('.*')], only: null },
        signal: AbortSignal.timeout(240_000),
      };
      const { topologies, failures } = await sense(request);
      t.same(failures, []);
      known = topologies;
      return new Map(
        topologies.map((sensed) => {
          const { topology } = sensed.measurement;
          const { evaluation, memory } = evaluateSensed(sensed, {
            ...{ memory: memories.get(topology), askedFor: () => null },
            resolverFor: (_operator, diagnosis) => RESOLVER_OF[diagnosis],
          });
          memories.set(topology, memory);
          return [topology, evaluation];
        }),
      );
    };
    await look(FIRST_LOOK_S);
    const last = await look(0);
    const tally = { same: 0, unknown: 0, moved: 0, asked: 0 };
    for (let index = 0; index < TOPOLOGIES; index += 1) {
      const [whole, cut] = [last.get(`whole-${index}`), last.get(`cut-${index}`)];
      for (const operator of whole?.operators ?? []) {
        const { name } = operator.measurement.spec;
        const other = cut?.operators.find(({ measurement }) => measurement.spec.name === name);
        for (const [symptom, truth] of Object.entries(operator.symptoms)) {
          const seen = other?.symptoms[symptom as keyof typeof operator.symptoms] ?? 'unknown';
          if (seen === truth) tally.same += 1;
          else if (seen === 'unknown') tally.unknown += 1;
          else {
            tally.moved += 1;
            t.comment(`topology ${index}, ${name}: ${symptom} is ${truth}, and ${seen} where scrapes were lost`);
          }
        }
        const [before, after] = [operator.recommendedParallelism, other?.recommendedParallelism ?? null];
        if (before !== operator.measurement.parallelism) tally.asked += 1;
        if (after !== null && after !== before && after !== other?.measurement.parallelism) {
          tally.moved += 1;
          t.comment(
            `topology ${index}, ${name}: ${before ?? 'none'} is recommended, and ${after} where scrapes were lost`,
          );
        }
      }
    }
    t.comment(JSON.stringify(tally));
    t.equal(tally.moved, 0);
    t.ok(tally.unknown > TOPOLOGIES && tally.same > TOPOLOGIES && tally.asked > TOPOLOGIES / 10, 'both are met, often');
  },
);
