import t from 'tap';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { LookReports } from '../../src/control-loop/look-reports.js';
import { DhalionError } from '../../src/errors.js';
import { createLogger } from '../../src/logger.js';
import type { Diagnosis } from '../../src/model/diagnosis.js';
import type { Truth } from '../../src/model/truth.js';
import type { QueryFailure } from '../../src/sensors/sense.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { NO_SYMPTOMS, operatorEvaluation, topologyEvaluation } from '../support/evaluations.js';

function reports(): { reports: LookReports; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return { reports: new LookReports(createLogger({ level: 'info', format: 'json' }, { write })), lines };
}

const failure = (purpose: QueryFailure['purpose'], cause = 'ECONNREFUSED'): QueryFailure => ({
  purpose,
  error: new DhalionError('prometheus_unreachable', 'Prometheus is unreachable', { cause: new Error(cause) }),
});

await t.test('unanswered queries are counted, with the error, until Prometheus answers', (t) => {
  const { reports: one, lines } = reports();
  one.reportFailures('flink', { failures: [failure('presence'), failure('busy')], requests: 2 });
  one.reportFailures('heron', { failures: [failure('busy')], requests: 6 });
  t.strictSame(one.troubles(), [
    'Prometheus answers none of the 2 queries of engine flink: Prometheus is unreachable: ECONNREFUSED',
    'Prometheus answers 5 of the 6 queries of engine heron, not those for busy: Prometheus is unreachable: ECONNREFUSED',
  ]);
  one.reportFailures('heron', { failures: [failure('busy')], requests: 6 });
  one.reportFailures('flink', { failures: [], requests: 2 });
  one.reportFailures('heron', { failures: [], requests: 6 });
  t.strictSame(one.troubles(), []);
  t.match(lines, [
    { msg: 'queries failed', engine: 'flink', failed: 2, of: 2 },
    { msg: 'queries failed', engine: 'heron', failed: 1, of: 6 },
    { msg: 'Prometheus answers again', engine: 'flink' },
    { msg: 'Prometheus answers again', engine: 'heron' },
  ]);
  t.equal(lines.length, 4);
  t.end();
});

await t.test('an unknown diagnosis is distinguished from one that has ended', (t) => {
  const { reports: one, lines } = reports();
  const look = (isTooSmall: boolean, backpressure: Truth): void => {
    const diagnoses: Diagnosis[] = isTooSmall ? [{ diagnosis: 'underprovisioning', operatorInstances: [] }] : [];
    const symptoms = { ...NO_SYMPTOMS, backpressure };
    one.reportDiagnoses(topologyEvaluation('wordcount', [operatorEvaluation('split', { diagnoses, symptoms })]));
  };
  const told = (): unknown[] => lines.map(({ diagnoses }) => diagnoses);
  look(false, 'unknown');
  look(false, 'no');
  look(false, 'unknown');
  t.strictSame(told(), [], 'it is not logged for a healthy operator');
  look(true, 'yes');
  look(false, 'unknown');
  look(false, 'unknown');
  look(false, 'no');
  t.strictSame(told(), ['underprovisioning', 'unknown', 'none']);
  t.end();
});

await t.test('a listed name without series is logged once, after a minute or a shorter window', (t) => {
  const yaml = 'prometheus: {url: http://127.0.0.1:9090}\ntopologies: [{name: wordcount, engine: flink}]\n';
  const parsed = parseConfiguration(yaml, { builtInEngines: BUILT_IN_ENGINES });
  if (!('configuration' in parsed)) throw new Error('the configuration has faults');
  const [configuredBy] = parsed.configuration.topologies;
  if (configuredBy === undefined) throw new Error('there is a topology');
  const { reports: one, lines } = reports();
  const look = (elapsedMs: number, windowMs: number, operators: readonly string[] = []): void => {
    const sensed = {
      measurement: {
        topology: 'wordcount',
        atMs: 0,
        windowMs,
        backpressureReportedBy: 'victim',
        operators: [],
        suspendedRatio: { kind: 'not_applicable' },
      },
      configuredBy,
      labelValue: 'wordcount',
      operatorLabelValues: new Map(operators.map((name) => [name, name])),
      attempts: new Map(),
      told: new Map(),
    } as const;
    one.reportUnmatched(sensed, elapsedMs);
  };
  look(0, 300_000);
  look(59_000, 300_000);
  look(60_000, 300_000, ['split']);
  look(61_000, 300_000);
  look(120_000, 300_000);
  t.strictSame(lines, [], 'there were series in between');
  look(121_000, 300_000);
  look(999_000, 300_000);
  t.equal(lines.length, 1);
  look(1_000_000, 8000, ['split']);
  look(1_001_000, 8000);
  look(1_008_999, 8000);
  t.equal(lines.length, 1);
  look(1_009_000, 8000);
  t.equal(lines.length, 2);
  t.match(lines, [{ level: 'warn', topology: 'wordcount', unmatched: /no series/ }, { level: 'warn' }]);
  t.end();
});
