import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import t from 'tap';
import { ACTION_KINDS } from '../../src/model/resolver.js';
import { webhookBodyOf } from '../../src/webhooks/webhook-body.js';
import { WEBHOOK_BODY_SCHEMA } from '../../src/webhooks/webhook-body-schema.js';
import { reasonWith } from '../support/actions.js';
import { RECORDED_V1 } from '../support/recorded-v1-bodies.js';
import { readAsVersionOne } from '../support/version-one-receiver.js';
import { sampledOperator, sampleFacts } from '../support/webhook-samples.js';

const ajv = new Ajv({ strict: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(WEBHOOK_BODY_SCHEMA);

const TWO = sampleFacts({
  operators: [
    sampledOperator({
      operator: 'split',
      currentParallelism: 1,
      desiredParallelism: 12,
      labels: { task_id: 'b2' },
      reason: reasonWith({
        suspendedRatio: 0.9,
        offeredRatio: 10,
        expectedBusy: 0.84,
        neededInstances: 10.2,
        effectiveBusy: null,
        fullBusy: null,
        pendingPackets: 800,
        processingRate: 1667,
      }),
    }),
    sampledOperator({ operator: 'count', currentParallelism: 1, desiredParallelism: 24, labels: { task_id: 'c3' } }),
  ],
});

await t.test('the body is version 2 of the contract, byte for byte', (t) => {
  t.equal(
    JSON.stringify(webhookBodyOf(TWO)),
    '{"version":"2","id":"0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10","type":"dhalion.scale_up",' +
      '"timestamp":"2026-02-03T04:05:06.789Z","expires_at":"2026-02-03T04:10:06.789Z",' +
      '"topology":"wordcount","resolver":"scale_up","diagnosis":"underprovisioning","reverts":null,' +
      '"operator":"split","current_parallelism":1,"desired_parallelism":12,"operator_instances":[],' +
      '"labels":{"task_id":"b2"},"reason":{"suspended_ratio":0.9,"pending_packets":800,"processing_rate":1667},' +
      '"operators":[{"operator":"split","diagnosis":"underprovisioning","current_parallelism":1,"desired_parallelism":12,' +
      '"operator_instances":[],"labels":{"task_id":"b2"},"reason":{"suspended_ratio":0.9,"offered_ratio":10,' +
      '"expected_busy":0.84,"needed_instances":10.2,"pending_packets":800,"processing_rate":1667}},' +
      '{"operator":"count","diagnosis":"underprovisioning","current_parallelism":1,"desired_parallelism":24,' +
      '"operator_instances":[],"labels":{"task_id":"c3"},"reason":{"suspended_ratio":0.5,"offered_ratio":null,' +
      '"expected_busy":null,"needed_instances":null,"pending_packets":812.5,"processing_rate":1034.2}}]}',
  );
  t.end();
});

// Recorded bodies of an earlier version.
await t.test('all fields of version 1 are present with the same values, for one operator', (t) => {
  for (const [facts, recorded] of RECORDED_V1) {
    const { version: _, ...then } = JSON.parse(recorded) as Record<string, unknown>;
    const now = JSON.parse(JSON.stringify(webhookBodyOf(facts))) as Record<string, unknown>;
    t.strictSame(Object.fromEntries(Object.keys(then).map((key) => [key, now[key]])), then);
  }
  t.end();
});

await t.test('a receiver for version 1 handles a plan of one operator as before', (t) => {
  for (const [facts, recorded] of RECORDED_V1) {
    const then = readAsVersionOne(JSON.parse(recorded) as Record<string, unknown>);
    const now = readAsVersionOne(JSON.parse(JSON.stringify(webhookBodyOf(facts))) as Record<string, unknown>);
    t.ok(then.ok);
    t.strictSame(now, then, facts.resolver);
  }
  t.end();
});

await t.test('an unknown value is null, not zero', (t) => {
  const reason = { suspendedRatio: null, pendingPackets: null, processingRate: 0 };
  t.strictSame(webhookBodyOf(sampleFacts({ reason })).reason, {
    suspended_ratio: null,
    pending_packets: null,
    processing_rate: 0,
  });
  t.end();
});

await t.test('every kind of action matches the published schema, which has all fields', (t) => {
  t.ok(validate(webhookBodyOf(TWO)), ajv.errorsText(validate.errors));
  for (const resolver of ACTION_KINDS) {
    const reverts = resolver === 'revert' ? '1b4e28ba-2fa1-41d2-883f-0016d3cca427' : null;
    const body = webhookBodyOf(sampleFacts({ resolver, reverts, operatorInstances: ['0', '3'] }));
    t.ok(validate(body), `${resolver}: ${ajv.errorsText(validate.errors)}`);
    t.equal(body.type, `dhalion.${resolver}`);
    t.strictSame(Object.keys(body), [...WEBHOOK_BODY_SCHEMA.required]);
    t.strictSame(Object.keys(WEBHOOK_BODY_SCHEMA.properties), [...WEBHOOK_BODY_SCHEMA.required]);
  }
  t.end();
});

await t.test('the published schema rejects other bodies', (t) => {
  const body = webhookBodyOf(sampleFacts());
  const bad = [
    { ...body, version: '1' },
    { ...body, operators: [] },
    { ...body, operators: [{ operator: 'split', desired_parallelism: 4 }] },
    { ...body, type: 'dhalion.explode' },
    { ...body, desired_parallelism: 0 },
    { ...body, timestamp: 'yesterday' },
    { ...body, reason: { suspended_ratio: 0.5 } },
  ];
  for (const candidate of bad) t.notOk(validate(candidate), JSON.stringify(candidate));
  t.end();
});
