import t from 'tap';
import { createFlinkExposition, FLINK_WINDOWS } from '../../src/simulator/flink-exposition.js';
import { createFluidTopology, type FluidTopology } from '../../src/simulator/fluid-topology.js';
import type { TopologySpec } from '../../src/simulator/topology-spec.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';
import { checkMetrics } from '../support/check-metrics.js';
import { parseExposition, samplesOf } from '../support/exposition.js';

const TASK = 'flink_taskmanager_job_task_';

interface Exposed {
  readonly topology: FluidTopology;
  pass(seconds: number): void;
  text(): string;
}

function expose(spec: TopologySpec, options: Parameters<typeof createFlinkExposition>[0] = {}): Exposed {
  const topology = createFluidTopology(spec, 1);
  const exposition = createFlinkExposition(options);
  exposition.observe(topology.state());
  return {
    topology,
    pass: (seconds) => {
      for (let passed = 0; passed < seconds; passed += 1) {
        topology.step(1);
        exposition.observe(topology.state());
      }
    },
    text: () => exposition.render(0),
  };
}

await t.test('lines look as the reporter writes them', (t) => {
  const exposed = expose(wordCountSpec({ name: 'word count', sourceKind: 'push', split: { parallelism: 4 } }));
  exposed.pass(120);
  const lines = exposed.text().split('\n');
  t.ok(lines.includes(`# HELP ${TASK}busyTimeMsPerSecond busyTimeMsPerSecond (scope: taskmanager_job_task)`));
  t.ok(lines.includes(`# TYPE ${TASK}busyTimeMsPerSecond gauge`));
  t.ok(
    lines.includes(
      `# HELP ${TASK}Shuffle_Netty_Input_Buffers_inputQueueLength inputQueueLength (scope: taskmanager_job_task_Shuffle_Netty_Input_Buffers)`,
    ),
  );
  const line = lines.find((text) => text.startsWith(`${TASK}backPressuredTimeMsPerSecond{`) && text.includes('Source'));
  t.match(
    line,
    /^flink_taskmanager_job_task_backPressuredTimeMsPerSecond\{job_id="[0-9a-f]{32}",task_id="[0-9a-f]{32}",task_attempt_id="[0-9a-f]{32}_[0-9a-f]{32}_0_0",host="flink_taskmanager_1",task_name="Source:_sentences",task_attempt_num="0",job_name="word_count",tm_id="flink_taskmanager_1:6122_[0-9a-f]{6}",subtask_index="0",\} 600\.0$/,
  );
  t.end();
});

await t.test('all labels that Flink gives are there, for tasks and for operators', (t) => {
  const exposed = expose(wordCountSpec());
  exposed.pass(10);
  const [task] = samplesOf(exposed.text(), `${TASK}numRecordsIn`, { task_name: 'split', subtask_index: '9' });
  const taskLabels = [
    ...['host', 'job_id', 'job_name', 'subtask_index', 'task_attempt_id', 'task_attempt_num', 'task_id', 'task_name'],
    'tm_id',
  ];
  t.same(Object.keys(task?.labels ?? {}).sort(), taskLabels);
  const [source] = samplesOf(exposed.text(), `${TASK}operator_pendingRecords`);
  t.same(Object.keys(source?.labels ?? {}).sort(), [...taskLabels, 'operator_id', 'operator_name'].sort());
  t.equal(source?.labels['operator_name'], WORD_COUNT_SOURCE);
  t.end();
});

await t.test("Prometheus' parser reads it", async (t) => {
  const exposed = expose(wordCountSpec());
  exposed.pass(10);
  const { isReadable, output } = await checkMetrics(exposed.text());
  t.ok(isReadable, output);
  const broken = await checkMetrics(exposed.text().replace('subtask_index="0",} ', 'subtask_index="0",} x'));
  t.notOk(broken.isReadable, 'and would not read anything else');
});

await t.test('busy, idle and backpressured are whole ms that sum to 1000 for every subtask', (t) => {
  const exposed = expose(wordCountSpec({ count: { parallelism: 13 }, split: { slow: { index: 1, factor: 3 } } }));
  exposed.pass(90);
  const text = exposed.text();
  const value = (metric: string, labels: Readonly<Record<string, string>>): number =>
    samplesOf(text, TASK + metric, labels)[0]?.value ?? NaN;
  const subtasks = samplesOf(text, `${TASK}busyTimeMsPerSecond`);
  t.equal(subtasks.length, 1 + 10 + 13);
  for (const { labels, value: busy } of subtasks) {
    const { task_name = '', subtask_index = '' } = labels;
    const id = { task_name, subtask_index };
    const sum = busy + value('idleTimeMsPerSecond', id) + value('backPressuredTimeMsPerSecond', id);
    t.equal(sum, 1000, `${task_name} ${subtask_index}`);
    t.ok(Number.isInteger(busy));
    const split = value('softBackPressuredTimeMsPerSecond', id) + value('hardBackPressuredTimeMsPerSecond', id);
    t.equal(split, value('backPressuredTimeMsPerSecond', id));
  }
  t.end();
});

await t.test('the victim upstream is marked, the queue is at the culprit', (t) => {
  const exposed = expose(wordCountSpec({ sourceKind: 'push', split: { parallelism: 4 } }));
  exposed.pass(120);
  const text = exposed.text();
  const values = (metric: string, task: string): number[] =>
    samplesOf(text, TASK + metric, { task_name: task }).map(({ value }) => value);
  t.same(values('backPressuredTimeMsPerSecond', WORD_COUNT_SOURCE), [600]);
  t.same(values('isBackPressured', WORD_COUNT_SOURCE), [1]);
  t.same(values('backPressuredTimeMsPerSecond', 'split'), [0, 0, 0, 0]);
  t.same(values('busyTimeMsPerSecond', 'split'), [1000, 1000, 1000, 1000]);
  t.ok(Math.min(...values('Shuffle_Netty_Input_Buffers_inputQueueLength', 'split')) > 100);
  t.ok(Math.min(...values('Shuffle_Netty_Input_Buffers_inPoolUsage', 'split')) > 0.5);
  t.same(values('Shuffle_Netty_Output_Buffers_outPoolUsage', WORD_COUNT_SOURCE), [1]);
  t.ok(Math.max(...values('Shuffle_Netty_Input_Buffers_inputQueueLength', 'count')) <= 1);
  t.end();
});

await t.test('a source takes in nothing at task level; its operator does', (t) => {
  const exposed = expose(wordCountSpec());
  exposed.pass(20);
  const only = (metric: string): number | undefined =>
    samplesOf(exposed.text(), TASK + metric, { task_name: WORD_COUNT_SOURCE })[0]?.value;
  t.equal(only('numRecordsInPerSecond'), 0);
  t.equal(Math.round(only('numRecordsOutPerSecond') ?? NaN), 1000);
  t.equal(Math.round(only('operator_numRecordsInPerSecond') ?? NaN), 1000);
  t.equal(only('operator_pendingRecords'), 0);
  t.end();
});

await t.test('only Kafka sources have pending records, and a legacy source no busy time', (t) => {
  const spec = wordCountSpec({ sourceKind: 'push' });
  const operators = spec.operators.map((operator) =>
    'source' in operator ? { ...operator, source: { ...operator.source, reportsBusy: false } } : operator,
  );
  const exposed = expose({ ...spec, operators });
  exposed.pass(5);
  t.same(samplesOf(exposed.text(), `${TASK}operator_pendingRecords`), []);
  t.ok(exposed.text().includes('subtask_index="0",} NaN'));
  const [busy] = samplesOf(exposed.text(), `${TASK}busyTimeMsPerSecond`, { task_name: WORD_COUNT_SOURCE });
  t.ok(Number.isNaN(busy?.value));
  t.end();
});

await t.test('a restart hides the task series, then shows them under a new attempt of the same task', (t) => {
  const exposed = expose(wordCountSpec({ restartGapSeconds: 10 }));
  const isTask = ({ name }: { name: string }): boolean => name.startsWith(TASK);
  const split = () => samplesOf(exposed.text(), `${TASK}numRecordsIn`, { task_name: 'split', subtask_index: '0' })[0];
  t.notOk(parseExposition(exposed.text()).some(isTask), 'nothing has run yet');
  exposed.pass(30);
  const before = split();
  exposed.topology.rescale('split', 12);
  exposed.pass(9);
  t.notOk(parseExposition(exposed.text()).some(isTask));
  t.equal(samplesOf(exposed.text(), 'flink_jobmanager_job_numRestarts')[0]?.value, 1);
  t.equal(samplesOf(exposed.text(), 'flink_jobmanager_numRegisteredTaskManagers')[0]?.value, 5);
  exposed.pass(3);
  const after = split();
  t.equal(samplesOf(exposed.text(), `${TASK}numRecordsIn`, { task_name: 'split' }).length, 12);
  t.equal(after?.labels['task_id'], before?.labels['task_id']);
  t.equal(after?.labels['job_id'], before?.labels['job_id']);
  t.not(after?.labels['task_attempt_id'], before?.labels['task_attempt_id']);
  t.equal(after?.labels['task_attempt_num'], '1');
  t.ok((after?.value ?? NaN) < (before?.value ?? NaN), 'counters start at 0 again');
  t.end();
});

await t.test("Flink's own windows take a minute to follow", (t) => {
  const exposed = expose(wordCountSpec(), FLINK_WINDOWS);
  exposed.pass(100);
  exposed.topology.setOfferedRate(400);
  exposed.pass(30);
  const [rate] = samplesOf(exposed.text(), `${TASK}numRecordsOutPerSecond`, { task_name: WORD_COUNT_SOURCE });
  t.equal(Math.round(rate?.value ?? NaN), 700);
  t.end();
});

await t.test('queue lengths are whole numbers that are right on average', (t) => {
  const exposed = expose(wordCountSpec({ offered: 800 }));
  const lengths = Array.from({ length: 100 }, () => {
    exposed.pass(1);
    const name = `${TASK}Shuffle_Netty_Input_Buffers_inputQueueLength`;
    return samplesOf(exposed.text(), name, { task_name: 'split' }).map(({ value }) => value);
  }).flat();
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  t.ok(lengths.every(Number.isInteger));
  t.ok(Math.abs(mean - 0.64 / 0.4) < 0.1, `${mean}`);
  t.end();
});
