// What Flink's series say under one name that is not one thing, and what is gone or idle rather than missing: two jobs and two
// vertices of a name, names with an index before them, operators that have ended, subtasks without a partition.
import t from 'tap';
import { evaluateSensed } from '../../src/control-loop/evaluate-sensed.js';
import { createLabelPattern } from '../../src/config/label-pattern.js';
import type { ListedOperator } from '../../src/config/configuration.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../../src/model/evaluation.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import type { EngineSensing } from '../../src/sensors/sense.js';
import type { History } from '../support/real-parts.js';
import {
  clientWithHistory,
  discovery,
  engineOf,
  flinkSubtask,
  healthySubtask,
  listed,
  operatorIn,
  senseAt,
  series,
  topologyIn,
  type FlinkSubtask,
} from '../support/sensing.js';

const FLINK = engineOf('flink');
const SOURCE = 'Source:_in';

type Subtask = Omit<FlinkSubtask, 'subtask'>;

/** So many subtasks, each the same. */
function task(parallelism: number, subtask: Subtask, first = 0): History[] {
  return Array.from({ length: parallelism }, (_, index) =>
    healthySubtask({ ...subtask, subtask: first + index }),
  ).flat();
}

const drowning = (subtask: Subtask): Subtask => ({ busy: 1000, queue: 8, idle: 0, ...subtask });
const idle = (subtask: Subtask): Subtask => ({ busy: 0, idle: 1000, recordsIn: 0, recordsOut: 0, ...subtask });

/** The vertices of one name, told apart as a vertex' id is. */
function withVertex(histories: readonly History[], id: string): History[] {
  return histories.map((history) => ({ ...history, labels: { ...history.labels, task_id: id } }));
}

/** A source that reads from Kafka in so many of its subtasks, which has as many partitions. */
function kafkaSource(job: string, parallelism: number, partitions: number, backlog: number): History[] {
  return Array.from({ length: parallelism }, (_, subtask) => {
    const own: FlinkSubtask = { job, task: SOURCE, subtask, recordsIn: 0 };
    if (subtask >= partitions) return flinkSubtask({ backPressured: 0, queue: 0, ...idle(own), subtask });
    const reading = { operatorRecordsIn: { [SOURCE]: 500 }, recordsOut: 500, busy: 1000, idle: 0 };
    return flinkSubtask({
      ...{ backPressured: 0, queue: 0, ...own, ...reading },
      pendingRecords: { [SOURCE]: (beforeEndS) => backlog + (420 - beforeEndS) * 200 },
    });
  }).flat();
}

const HISTORY: readonly History[] = [
  // One idles, one drowns.
  ...task(4, idle({ job: 'two-jobs', task: 'map', jobId: 'one' })),
  ...task(2, drowning({ job: 'two-jobs', task: 'map', jobId: 'other' })),
  ...task(1, { job: 'two-jobs', task: SOURCE, jobId: 'other', backPressured: 900 }),
  ...task(1, { job: 'two-vertices', task: SOURCE, backPressured: 900 }),
  ...withVertex(task(4, drowning({ job: 'two-vertices', task: 'Map' })), 'first'),
  ...withVertex(task(4, idle({ job: 'two-vertices', task: 'Map' })), 'second'),
  // The one that was cancelled was last seen two minutes ago, within the window.
  ...task(3, { job: 'resubmitted', task: 'map', jobId: 'before', to: 120 }),
  ...task(2, { job: 'resubmitted', task: 'map', jobId: 'after', from: 90 }),
  ...kafkaSource('indexed', 1, 1, 100_000).map((history) => ({
    ...history,
    labels: { ...history.labels, task_name: `_vertex_0_${SOURCE}` },
  })),
  ...task(2, { job: 'indexed', task: '_vertex_1_map' }),
  ...task(2, { job: 'ended', task: 'map' }),
  ...kafkaSource('kafka', 6, 4, 100_000),
  ...task(2, { job: 'kafka', task: 'map' }),
  ...kafkaSource('kafka-lost', 6, 4, 100_000).filter(
    ({ name, labels }) => !(name.endsWith('pendingRecords') && labels['subtask_index'] === '1'),
  ),
  ...kafkaSource('kafka-told', 2, 2, 100_000),
  ...[0, 1, 2].map((partition) =>
    series(
      'flink_taskmanager_job_task_operator_KafkaSourceReader_topic_partition_currentOffset',
      {
        ...{ job_name: 'kafka-told', task_name: SOURCE, job_id: 'a1b2', topic: 'orders', partition: String(partition) },
        ...{ subtask_index: String(partition % 2), task_attempt_id: `a1b2_${partition % 2}_0` },
      },
      1000,
    ),
  ),
];

function evaluate(sensing: EngineSensing, topology: string): TopologyEvaluation {
  return evaluateSensed(topologyIn(sensing, topology), {
    ...{ memory: undefined, askedFor: () => null },
    resolverFor: (_operator, diagnosis) => RESOLVER_OF[diagnosis],
  }).evaluation;
}

function evaluated(sensing: EngineSensing, topology: string, operator: string): OperatorEvaluation {
  const found = evaluate(sensing, topology).operators.find(({ measurement }) => measurement.spec.name === operator);
  if (found === undefined) throw new Error(`no operator ${operator} of ${topology} was evaluated`);
  return found;
}

const diagnosesOf = ({ diagnoses }: OperatorEvaluation): string[] => diagnoses.map(({ diagnosis }) => diagnosis);

void t.test('names of Flink', async (t) => {
  const client = await clientWithHistory(t, HISTORY);
  const sensing = await senseAt(client, { engine: FLINK, discoveries: [discovery('.*')] });
  t.strictSame(sensing.failures, []);

  await t.test('of two jobs of one name nothing is known, and it is said which they are and what to do', (t) => {
    const { measurement, symptoms, recommendedParallelism } = evaluated(sensing, 'two-jobs', 'map');
    t.equal(
      measurement.incompleteBecause,
      '2 jobs are named two-jobs (job_id one, other): give each job a name of its own, ' +
        'or tell them apart by `matchers` or another topology label',
    );
    const known = Object.entries(symptoms).flatMap(([symptom, truth]) => (truth === 'unknown' ? [] : [symptom]));
    t.strictSame(known, ['growing_source_backlog'], 'which is none of an inner operator');
    t.equal(recommendedParallelism, null);
    t.strictSame(evaluate(sensing, 'two-jobs').operators.flatMap(diagnosesOf), []);
    t.end();
  });

  await t.test('two vertices of one name are unknown, other operators of the job are not', (t) => {
    const { measurement, recommendedParallelism, diagnoses } = evaluated(sensing, 'two-vertices', 'Map');
    t.equal(
      measurement.incompleteBecause,
      '2 operators are named Map (task_id first, second): give each operator a name of its own',
    );
    t.strictSame([recommendedParallelism, diagnoses], [null, []]);
    t.equal(operatorIn(sensing, 'two-vertices', SOURCE).incompleteBecause, null);
    t.end();
  });

  await t.test('a name of which the reporter may have taken characters says how they are kept', async (t) => {
    const cyrillic = ['one', 'other'].flatMap((jobId) => task(1, { job: '____', task: 'map', jobId }));
    const { measurement } = evaluated(
      await senseAt(await clientWithHistory(t, cyrillic), { engine: FLINK, discoveries: [discovery('.*')] }),
      '____',
      'map',
    );
    t.match(measurement.incompleteBecause, /stay apart with filterLabelValueCharacters: false$/);
  });

  await t.test('a job that was submitted again is no conflict once the one before is gone', (t) => {
    const operator = operatorIn(sensing, 'resubmitted', 'map');
    t.equal(operator.incompleteBecause, null);
    t.equal(operator.parallelism, 2);
    t.end();
  });

  await t.test('a source with an index before its name is one, and its backlog is diagnosed', (t) => {
    const source = evaluated(sensing, 'indexed', `_vertex_0_${SOURCE}`);
    t.equal(source.measurement.spec.role, 'source');
    t.strictSame(diagnosesOf(source), ['underprovisioning']);
    t.strictSame(diagnosesOf(evaluated(sensing, 'indexed', '_vertex_1_map')), []);
    t.end();
  });

  await t.test('a listed operator that may finish is gone without series, any other one is missing', async (t) => {
    const operator = (name: string, match: string, mayFinish: boolean): ListedOperator => ({
      spec: { name, role: 'inner', inputs: null, minParallelism: 1, maxParallelism: null },
      match: createLabelPattern(match),
      mayFinish,
    });
    const operatorsOf = async (mayFinish: boolean): Promise<readonly string[]> => {
      const operators = [operator('bounded', 'Source:.*', mayFinish), operator('map', 'map', false)];
      const ended = await senseAt(client, { engine: FLINK, listed: [listed('ended', { operators })] });
      return evaluate(ended, 'ended').operators.map(({ measurement: { spec, parallelism } }) => {
        return `${spec.name} ${parallelism ?? 'unknown'}`;
      });
    };
    t.strictSame(await operatorsOf(true), ['map 2']);
    t.strictSame(await operatorsOf(false), ['bounded unknown', 'map 2']);
  });

  await t.test(
    'subtasks without a partition have no backlog, and as many as have one are the most there can be',
    (t) => {
      const source = evaluated(sensing, 'kafka', SOURCE);
      t.match(source.measurement.sourceBacklog, { kind: 'measured', total: 4 * (100_000 + 420 * 200) });
      t.equal(source.symptoms.growing_source_backlog, 'yes');
      t.equal(source.measurement.spec.maxParallelism, 4);
      t.ok((source.recommendedParallelism ?? 0) <= 6, 'no more than it has');
      t.end();
    },
  );

  await t.test('a subtask that works and shows no backlog is missing', (t) => {
    const { measurement, symptoms } = evaluated(sensing, 'kafka-lost', SOURCE);
    t.match(measurement.sourceBacklog, { kind: 'missing', because: '5 of 6 operator instances report' });
    t.equal(symptoms.growing_source_backlog, 'unknown');
    t.end();
  });

  await t.test('a source is not asked for more instances than Kafka says it has partitions', (t) => {
    const source = evaluated(sensing, 'kafka-told', SOURCE);
    t.equal(source.measurement.spec.maxParallelism, 3);
    t.equal(source.measurement.inputShares, 3);
    t.strictSame(diagnosesOf(source), ['underprovisioning']);
    t.equal(source.recommendedParallelism, 3);
    t.end();
  });
});
