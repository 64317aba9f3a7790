import t from 'tap';
import { HoldReports, type Hold } from '../../src/control-loop/hold-reports.js';
import { createLogger } from '../../src/logger.js';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';
import { sampleAction, sampleAlert } from '../support/action-log-samples.js';
import { operatorEvaluation, operatorMeasurement, topologyEvaluation } from '../support/evaluations.js';

const MINUTE_MS = 60_000;

function setUp(evaluations: readonly TopologyEvaluation[] = []) {
  const lines: Record<string, unknown>[] = [];
  const counted: string[] = [];
  const time = { ms: 0 };
  const logger = createLogger(
    { level: 'info', format: 'json' },
    { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const reports = new HoldReports({
    watch: { evaluations: () => evaluations },
    metrics: { recordHold: (topology, reason) => void counted.push(`${topology} ${reason}`) },
    clock: { elapsed: () => time.ms },
    logger,
  });
  const report = (more: Partial<Hold> & { topology?: string; operator?: string } = {}): void => {
    const { topology = 'wordcount', operator = 'split', ...hold } = more;
    const alert = { ...sampleAlert({ topology, operator }), id: 1, acceptedAtMs: 0 };
    reports.report({ alert, resolver: 'scale_up', reason: 'cooldown', evaluation: null, because: null, ...hold });
  };
  return { reports, report, lines, counted, time };
}

void t.test('every hold is counted, and logged when its reason changes', (t) => {
  const { report, lines, counted } = setUp();
  for (const reason of ['cooldown', 'cooldown', 'paused', 'paused', 'cooldown'] as const) report({ reason });
  t.equal(counted.length, 5);
  t.strictSame(
    lines.map(({ msg, reason }) => `${String(msg)} ${String(reason)}`),
    ['holding cooldown', 'holding paused', 'holding cooldown'],
  );
  t.end();
});

void t.test('the first hold after an action is logged, whatever its reason', (t) => {
  const { reports, report, lines } = setUp();
  report();
  reports.forget({ ...sampleAlert({ topology: 'wordcount', operator: 'split' }), id: 2, acceptedAtMs: 0 });
  report();
  t.equal(lines.length, 2);
  t.end();
});

void t.test('the log line names the unknown measurements', (t) => {
  const { report, lines } = setUp();
  const measurement = operatorMeasurement('split', { incompleteBecause: '2 of 3 instances were seen' });
  const evaluation = topologyEvaluation('wordcount', [operatorEvaluation('split', { measurement })]);
  report({ reason: 'unknown_measurements', evaluation });
  report({ reason: 'cooldown', evaluation });
  report({ reason: 'not_current', operator: 'splot', evaluation });
  report({ reason: 'fleet_brake', because: '10 actions are open, with limits.max_open_actions 10' });
  t.strictSame(
    lines.map(({ because }) => because),
    [
      'split: 2 of 3 instances were seen',
      undefined,
      "the topology's operators are split",
      '10 actions are open, with limits.max_open_actions 10',
    ],
  );
  t.end();
});

void t.test('the log line of a dry run has the action that a call would have requested', (t) => {
  const { report, lines } = setUp();
  report({ reason: 'dry_run', action: sampleAction({ currentParallelism: 2, desiredParallelism: 4 }) });
  t.match(lines, [{ current_parallelism: 2, desired_parallelism: 4 }]);
  t.end();
});

void t.test('an alert for an unknown topology is explained at most once a minute, and its name is not kept', (t) => {
  const known = topologyEvaluation('wordcount', [operatorEvaluation('split')]);
  const { report, lines, time } = setUp([known]);
  const stranger = { reason: 'unknown_topology', topology: 'rack7' } as const;
  report(stranger);
  report(stranger);
  time.ms = MINUTE_MS;
  report(stranger);
  t.strictSame(
    lines.map(({ msg }) => msg),
    [
      ...['an alert is about an unknown topology', 'holding', 'holding'],
      ...['an alert is about an unknown topology', 'holding'],
    ],
  );
  t.end();
});
