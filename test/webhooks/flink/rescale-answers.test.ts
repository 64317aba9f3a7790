import t from 'tap';
import {
  isAtLeast,
  parseCheckpointInterval,
  parseFlinkVersion,
  parseOptions,
  parseRescaleConfig,
} from '../../../src/webhooks/flink/rescale-answers.js';
import { recorded } from '../../support/flink-rest-server.js';

const textOf = (name: string): string => JSON.stringify(recorded(name).body);
const config = (changes: object): string =>
  JSON.stringify({ ...(recorded('rescale-config').body as object), ...changes });

void t.test('the times of a rescale, by their names in Flink 2.3', (t) => {
  t.strictSame(parseRescaleConfig(textOf('rescale-config')), {
    times: { cooldownMs: 1000, stabilizationMs: 2000, maxDelayMs: 180_000 },
    historySize: 20,
  });
  t.match(parseRescaleConfig(config({ rescaleHistoryMax: 0 })), { historySize: 0 });
  t.match(parseRescaleConfig(config({ rescaleHistoryMax: null })), { historySize: 0 });
  t.end();
});

const MAX_DELAY = 'maximumDelayForTriggeringRescaleInMillis';
for (const value of [-1, '180000', null, [], {}, true]) {
  void t.test(`a maximum delay of ${JSON.stringify(value)} is unknown`, (t) => {
    t.equal(parseRescaleConfig(config({ [MAX_DELAY]: value })), null);
    t.end();
  });
}

void t.test('another answer has no times', (t) => {
  for (const text of ['', '[]', 'null', '{}', '<html>', `{"${MAX_DELAY}": 1e999}`])
    t.equal(parseRescaleConfig(text), null, text);
  t.end();
});

void t.test('the version of Flink, and whether it is new enough', (t) => {
  const versionOf = (version: unknown) => parseFlinkVersion(JSON.stringify({ 'flink-version': version }));
  t.strictSame(parseFlinkVersion(textOf('overview')), [1, 20]);
  t.strictSame(versionOf('2.3-SNAPSHOT'), [2, 3]);
  for (const other of ['', 'two', '2', 2.3, null, undefined]) t.equal(versionOf(other), null);
  t.ok(isAtLeast([2, 0], [2, 0]) && isAtLeast([2, 10], [2, 3]) && isAtLeast([3, 0], [2, 3]));
  t.notOk(isAtLeast([1, 20], [2, 0]) || isAtLeast([2, 2], [2, 3]));
  t.end();
});

void t.test("the job's checkpoint interval; none without checkpoints", (t) => {
  const answer = (name: string) => ({ status: recorded(name).status, body: textOf(name) });
  t.equal(parseCheckpointInterval(answer('checkpoint-config')), 60_000);
  t.equal(parseCheckpointInterval(answer('checkpointing-not-enabled')), 0);
  t.equal(parseCheckpointInterval(answer('no-such-path')), null);
  t.equal(parseCheckpointInterval({ status: 200, body: '{"interval": "60000"}' }), null);
  t.equal(parseCheckpointInterval({ status: 503, body: textOf('checkpoint-config') }), null);
  t.end();
});

void t.test("the JobManager's options by key", (t) => {
  t.strictSame(
    [...(parseOptions(textOf('jobmanager-config')) ?? [])],
    [
      ['jobmanager.scheduler', 'adaptive'],
      ['rest.port', '8081'],
    ],
  );
  t.strictSame([...(parseOptions('[1, null, {"key": "a"}, {"key": "b", "value": 2}]') ?? ['none'])], []);
  t.equal(parseOptions('{}'), null);
  t.end();
});
