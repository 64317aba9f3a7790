import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import t from 'tap';
import { ACTION_KINDS } from '../../src/model/resolver.js';
import { WEBHOOK_BODY_SCHEMA, webhookBodyOf } from '../../src/webhooks/webhook-body.js';
import { sampleFacts } from '../support/webhook-samples.js';

const ajv = new Ajv({ strict: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(WEBHOOK_BODY_SCHEMA);

await t.test('the body is version 1 of the contract, byte for byte', (t) => {
  t.equal(
    JSON.stringify(webhookBodyOf(sampleFacts())),
    '{"version":"1","id":"0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10","type":"dhalion.scale_up",' +
      '"timestamp":"2026-02-03T04:05:06.789Z","expires_at":"2026-02-03T04:10:06.789Z",' +
      '"topology":"wordcount","operator":"split","resolver":"scale_up","diagnosis":"underprovisioning",' +
      '"current_parallelism":2,"desired_parallelism":4,"operator_instances":[],"reverts":null,' +
      '"labels":{"job_id":"a1","task_id":"b2"},' +
      '"reason":{"suspended_ratio":0.5,"pending_packets":812.5,"processing_rate":1034.2}}',
  );
  t.end();
});

await t.test('what is not known is null, not zero', (t) => {
  const reason = { suspendedRatio: null, pendingPackets: null, processingRate: 0 };
  t.strictSame(webhookBodyOf(sampleFacts({ reason })).reason, {
    suspended_ratio: null,
    pending_packets: null,
    processing_rate: 0,
  });
  t.end();
});

await t.test('every kind of action fits the published schema, which names all of its fields', (t) => {
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

await t.test('the published schema refuses what is no such body', (t) => {
  const body = webhookBodyOf(sampleFacts());
  const bad = [
    { ...body, version: '2' },
    { ...body, type: 'dhalion.explode' },
    { ...body, desired_parallelism: 0 },
    { ...body, timestamp: 'yesterday' },
    { ...body, reason: { suspended_ratio: 0.5 } },
  ];
  for (const candidate of bad) t.notOk(validate(candidate), JSON.stringify(candidate));
  t.end();
});
