import t from 'tap';
import { evidenceTextOf, readEvidence } from '../../src/action-log/evidence-text.js';
import { sampleEvidence } from '../support/action-log-samples.js';

void t.test('evidence is read as written', (t) => {
  for (const evidence of [
    sampleEvidence(),
    sampleEvidence({ isOperatorKnown: false, symptoms: null, diagnoses: null }),
  ]) {
    t.strictSame(readEvidence(evidenceTextOf(evidence)), evidence);
  }
  t.end();
});

void t.test('it has the format of the first version, which older versions can read', (t) => {
  t.match(JSON.parse(evidenceTextOf(sampleEvidence({ evaluatedAtMs: 0 }))), {
    evaluated_at: '1970-01-01T00:00:00.000Z',
    operator_known: true,
    suspended_ratio: 0.5,
    missing_sensors: [],
  });
  t.end();
});

void t.test('a field that an earlier version did not write is unknown, not false', (t) => {
  const earlier = { evaluated_at: '2025-06-02T07:00:00.000Z', parallelism: 2, symptoms: { backpressure: 'yes' } };
  t.strictSame(readEvidence(JSON.stringify(earlier)), {
    evaluatedAtMs: Date.parse(earlier.evaluated_at),
    isOperatorKnown: null,
    backpressure: null,
    parallelism: 2,
    recommendedParallelism: null,
    suspendedRatio: null,
    symptoms: { backpressure: 'yes' },
    diagnoses: null,
    missingSensors: [],
    unknownBecause: null,
  });
  t.end();
});
