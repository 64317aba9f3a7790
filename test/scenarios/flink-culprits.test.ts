// Flink-shaped series, written by hand, through Prometheus and the whole service to its metrics: which operators hold up
// which in topologies of every shape, how much, and which parallelism is enough.
import t from 'tap';
import type { History } from '../support/real-parts.js';
import { seenInHistory, type SeenOperator } from '../support/seen-in-history.js';
import { flinkSubtask } from '../support/sensing.js';

interface TaskSketch {
  /** Names of the tasks that feed it; empty: a source. */
  readonly inputs?: readonly string[];
  /** Default 2. */
  readonly parallelism?: number;
  /** Share of time in which it is held up. */
  readonly victim?: number;
  readonly busy?: number;
  readonly queue?: number;
  /** Records/s of each instance; default 100. */
  readonly rate?: number;
  /** Total backlog of a source. */
  readonly backlog?: (before: number) => number;
  readonly expected: Partial<SeenOperator>;
}

interface FlinkCase {
  /** A fact. */
  readonly title: string;
  readonly topology: string;
  /** Whether its operators are left out of the configuration. Default false. */
  readonly isDiscovered?: boolean;
  /** Default flink. */
  readonly engine?: string;
  readonly tasks: Readonly<Record<string, TaskSketch>>;
}

const INNOCENT: Partial<SeenOperator> = { isCulprit: false, suspendedRatio: 0, diagnoses: [] };
const UNKNOWN: Partial<SeenOperator> = {
  isCulprit: null,
  suspendedRatio: null,
  parallelism: 2,
  recommended: 2,
  diagnoses: [],
};

const culprit = (suspendedRatio: number, recommended: number): Partial<SeenOperator> => ({
  isCulprit: true,
  suspendedRatio,
  recommended,
  diagnoses: ['underprovisioning'],
});

/** Holds nothing up, but would as soon as the culprit is larger. */
const FOLLOWER: Partial<SeenOperator> = { isCulprit: false, suspendedRatio: 0, diagnoses: ['underprovisioning'] };

const STALLED: Partial<SeenOperator> = { isStalled: true, isPressed: true, diagnoses: [], recommended: 2 };

const CASES: readonly FlinkCase[] = [
  {
    // 2 × 2 / 0.85 = 4.7.
    title: 'half of the time held up, an operator needs twice the instances, not quite full',
    topology: 'linear',
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      map: { inputs: ['Source'], busy: 1, expected: { parallelism: 2, ...culprit(0.5, 5) } },
      sink: { inputs: ['map'], busy: 0.4, expected: INNOCENT },
    },
  },
  {
    title: 'an operator that only passes on the pressure is not a culprit',
    topology: 'passed_on',
    tasks: {
      Source: { victim: 0.6, expected: INNOCENT },
      map: { inputs: ['Source'], victim: 0.6, busy: 0.3, expected: INNOCENT },
      sink: { inputs: ['map'], parallelism: 3, busy: 1, expected: culprit(0.6, 9) },
    },
  },
  {
    // The source offers 5 times what gets through: 2 × 5 × 0.8 / 0.85 = 9.4, and 2 × 5 / 0.85 = 11.8.
    title: 'two operators in a row may both be culprits, each sized for all that is offered',
    topology: 'chain',
    tasks: {
      Source: { victim: 0.8, expected: INNOCENT },
      map: { inputs: ['Source'], victim: 0.2, busy: 0.8, expected: culprit(0.75, 10) },
      sink: { inputs: ['map'], busy: 1, expected: culprit(0.2, 12) },
    },
  },
  {
    // Nothing holds up the sink, which is full at 0.75; map is held up half of the time: 2 × 5 × 0.5 / 0.85 = 5.9.
    title: 'so may two operators that are not busy',
    topology: 'lazy_chain',
    tasks: {
      Source: { victim: 0.8, expected: INNOCENT },
      map: { inputs: ['Source'], victim: 0.5, busy: 0.5, expected: culprit(0.6, 6) },
      sink: { inputs: ['map'], busy: 0.75, expected: culprit(0.5, 12) },
    },
  },
  {
    // b is 0.85 for parse, which is held up itself, and 0.67 for enrich. Under the whole offered load, parse is next.
    title: 'before a busy operator, one that is not busy is held up itself, however much it seems to hold up',
    topology: 'plain_chain',
    tasks: {
      Source: { victim: 0.95, busy: 0.05, expected: { ...INNOCENT, heldUpBy: ['enrich'] } },
      parse: {
        inputs: ['Source'],
        victim: 0.67,
        busy: 0.33,
        queue: 50,
        expected: { ...FOLLOWER, recommended: 4, heldUpBy: ['enrich'] },
      },
      enrich: { inputs: ['parse'], busy: 1, queue: 50, expected: { ...culprit(0.67, 12), heldUpBy: [] } },
    },
  },
  {
    title: 'the same where the graph is not known',
    topology: 'discovered_chain',
    isDiscovered: true,
    tasks: {
      Source: { victim: 0.95, busy: 0.05, expected: { ...INNOCENT, heldUpBy: ['enrich'] } },
      parse: { victim: 0.67, busy: 0.33, queue: 50, expected: { ...FOLLOWER, recommended: 4, heldUpBy: ['enrich'] } },
      enrich: { busy: 1, queue: 50, expected: { ...culprit(0.95, 12), heldUpBy: [] } },
    },
  },
  {
    title: 'a candidate without a busy time is the culprit if the other one idles',
    topology: 'chain_half_seen',
    tasks: {
      Source: { victim: 0.95, busy: 0.05, expected: INNOCENT },
      parse: {
        inputs: ['Source'],
        victim: 0.67,
        busy: 0.33,
        expected: { ...FOLLOWER, recommended: 4, heldUpBy: ['enrich'] },
      },
      enrich: { inputs: ['parse'], busy: NaN, queue: 50, expected: culprit(0.67, 12) },
    },
  },
  {
    title: 'the busy one of two branches is the culprit; its need follows the offered load',
    topology: 'branch',
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      left: { inputs: ['Source'], parallelism: 3, busy: 0.95, queue: 50, expected: culprit(0.5, 7) },
      right: { inputs: ['Source'], busy: 0.3, expected: INNOCENT },
    },
  },
  {
    title: 'two busy branches are both culprits',
    topology: 'two_branches',
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      left: { inputs: ['Source'], busy: 0.95, queue: 50, expected: culprit(0.5, 5) },
      right: { inputs: ['Source'], busy: 0.9, queue: 50, expected: culprit(0.5, 5) },
    },
  },
  {
    // It holds others up while 60 % busy, so it is full at that.
    title: 'if no branch is busy, the busiest is the culprit',
    topology: 'busiest',
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      left: { inputs: ['Source'], parallelism: 4, busy: 0.6, queue: 50, expected: culprit(0.5, 10) },
      right: { inputs: ['Source'], busy: 0.3, queue: 50, expected: INNOCENT },
    },
  },
  {
    title: 'if every branch idles, the culprit is unknown, and nothing is diagnosed',
    topology: 'nobody',
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      left: { inputs: ['Source'], busy: 0.4, expected: UNKNOWN },
      right: { inputs: ['Source'], busy: 0.3, expected: UNKNOWN },
    },
  },
  {
    title: 'a join is held up by as much as its most suspended input',
    topology: 'join',
    tasks: {
      Source_a: { victim: 0.6, expected: INNOCENT },
      Source_b: { victim: 0.2, expected: INNOCENT },
      join: { inputs: ['Source_a', 'Source_b'], busy: 1, expected: culprit(0.6, 5) },
      sink: { inputs: ['join'], busy: 0.1, expected: INNOCENT },
    },
  },
  {
    title: 'behind a diamond the join is the culprit, and the idle branch is not',
    topology: 'diamond',
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      left: { inputs: ['Source'], victim: 0.5, busy: 0.3, expected: INNOCENT },
      right: { inputs: ['Source'], busy: 0.4, expected: INNOCENT },
      join: { inputs: ['left', 'right'], busy: 1, expected: culprit(0.5, 5) },
    },
  },
  {
    title: 'without a known graph, the operator after the victims is the culprit',
    topology: 'discovered',
    isDiscovered: true,
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      map: { victim: 0.5, busy: 0.3, expected: INNOCENT },
      sink: { busy: 1, expected: { parallelism: 2, ...culprit(0.5, 5) } },
    },
  },
  {
    title: 'without busy times the branch with more pending packets is the culprit',
    topology: 'lean',
    engine: 'lean',
    tasks: {
      Source: { victim: 0.5, expected: INNOCENT },
      left: { inputs: ['Source'], queue: 40, expected: culprit(0.5, 5) },
      right: { inputs: ['Source'], queue: 3, expected: INNOCENT },
    },
  },
  {
    // f = (200 + 100) / 200 = 1.5, less than the 2 that being suspended half of the time suggests: 10 × 1.5 / 0.85 = 17.6,
    // more than catching up takes: 10 × (300 + (40,000 − 5 × 200) / 1,800) / 200 = 16.1.
    title: 'a backlog shows how much would be read',
    topology: 'backlog',
    tasks: {
      Source: { victim: 0.5, backlog: (before) => 40_000 - 100 * before, expected: { isCulprit: false } },
      map: { inputs: ['Source'], parallelism: 10, busy: 1, queue: 50, expected: culprit(0.5, 18) },
    },
  },
  {
    title: 'a source that falls behind without being held up is itself too small',
    topology: 'slow_source',
    tasks: {
      Source: {
        parallelism: 4,
        busy: 1,
        backlog: (before) => 80_000 - 100 * before,
        expected: { isCulprit: false, recommended: 6, diagnoses: ['underprovisioning'] },
      },
      map: { inputs: ['Source'], busy: 0.4, expected: INNOCENT },
    },
  },
  {
    title: 'a job that restores its state is stalled, and not sized',
    topology: 'restoring',
    tasks: {
      Source: { victim: 1, busy: 0, rate: 0, expected: { ...STALLED, isCulprit: false } },
      map: { inputs: ['Source'], busy: 1, queue: 50, rate: 0, expected: { ...STALLED, isCulprit: true } },
    },
  },
  {
    title: 'a sink whose outside system hangs is stalled with all that waits for it, and not sized',
    topology: 'hanging_sink',
    tasks: {
      Source: { victim: 1, busy: 0, rate: 0, backlog: (before) => 80_000 - 100 * before, expected: STALLED },
      map: { inputs: ['Source'], victim: 1, busy: 0, rate: 0, expected: { ...STALLED, heldUpBy: ['sink'] } },
      sink: { inputs: ['map'], parallelism: 4, busy: 1, queue: 50, rate: 0, expected: { ...STALLED, recommended: 4 } },
    },
  },
  {
    title: 'a job that is idle is not stalled',
    topology: 'idle',
    tasks: {
      Source: { busy: 0, rate: 0, backlog: () => 0, expected: { ...INNOCENT, isStalled: false, isPressed: false } },
      map: { inputs: ['Source'], busy: 0, rate: 0, expected: { ...INNOCENT, isStalled: false } },
    },
  },
];

/** Names as Flink's reporter writes them: sources begin with `Source:`. */
const taskName = (name: string): string => (name.startsWith('Source') ? `Source:_${name}` : name);

function historyOf({ topology, tasks }: FlinkCase): History[] {
  return Object.entries(tasks).flatMap(
    ([name, { parallelism = 2, victim = 0, busy = 0.5, queue = 0, rate = 100, backlog }]) =>
      Array.from({ length: parallelism }, (_, subtask) => {
        const isSource = name.startsWith('Source');
        const share = backlog && ((before: number) => backlog(before) / parallelism);
        return flinkSubtask({
          job: topology,
          task: taskName(name),
          subtask,
          backPressured: 1000 * victim,
          busy: 1000 * busy,
          queue,
          recordsIn: isSource ? 0 : rate,
          recordsOut: rate,
          ...(share === undefined ? {} : { pendingRecords: { [taskName(name)]: share } }),
        });
      }).flat(),
  );
}

function entryOf({ topology, engine = 'flink', tasks }: FlinkCase) {
  const operators = Object.entries(tasks).map(([name, { inputs }]) => ({
    name,
    match: taskName(name),
    ...(inputs === undefined ? { role: 'source' } : { inputs }),
  }));
  return { name: topology, engine, operators };
}

/** Flink without busy times, as a user would configure it. */
const LEAN_ENGINE = {
  labels: { topology: 'job_name', operator: 'task_name', operator_instance: 'subtask_index' },
  backpressure_reported_by: 'victim',
  sensors: {
    backpressure: 'flink_taskmanager_job_task_backPressuredTimeMsPerSecond{$matchers} / 1000',
    pending_packets: 'flink_taskmanager_job_task_Shuffle_Netty_Input_Buffers_inputQueueLength{$matchers}',
    processing_rate: 'flink_taskmanager_job_task_numRecordsOutPerSecond{$matchers}',
  },
};

void t.test('Flink-shaped series', async (t) => {
  const listed = CASES.filter(({ isDiscovered }) => isDiscovered !== true).map(entryOf);
  const topologies = [...listed, { discover: '.*', engine: 'flink' }];
  const yaml = `engines: ${JSON.stringify({ lean: LEAN_ENGINE })}\ntopologies: ${JSON.stringify(topologies)}\n`;
  const seen = await seenInHistory(t, CASES.flatMap(historyOf), yaml);
  for (const { title, topology, isDiscovered, tasks } of CASES) {
    await t.test(title, (t) => {
      for (const [name, { expected }] of Object.entries(tasks)) {
        const operator = isDiscovered === true ? taskName(name) : name;
        t.match(seen(topology, operator), expected, `${topology} ${operator}`);
      }
      t.end();
    });
  }
});
