// The JSON of `dhalion backtest` that readers may rely on.
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import { RESOLVERS } from '../../src/model/resolver.js';
import { SYMPTOMS } from '../../src/model/symptom.js';
import { TRUTHS } from '../../src/model/truth.js';

function closedObject(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties };
}

const parallelism = { type: ['integer', 'null'], minimum: 1 };

const operator = closedObject({
  operator: { type: 'string' },
  symptoms: closedObject(Object.fromEntries(SYMPTOMS.map((name) => [name, { enum: TRUTHS }]))),
  diagnoses: { type: 'array', items: { enum: DIAGNOSES }, uniqueItems: true },
  parallelism,
  recommended_parallelism: parallelism,
  suspended_ratio: { type: ['number', 'null'], minimum: 0, maximum: 1 },
});

const action = closedObject({
  time: { type: 'number' },
  resolver: { enum: RESOLVERS },
  operators: {
    type: 'array',
    minItems: 1,
    items: closedObject({
      operator: { type: 'string' },
      diagnosis: { enum: DIAGNOSES },
      current_parallelism: { type: 'integer', minimum: 1 },
      desired_parallelism: { type: 'integer', minimum: 1 },
      until: { type: 'number' },
      operator_hours: { type: 'number' },
      because: { type: ['string', 'null'] },
    }),
  },
});

export const BACKTEST_JSON_SCHEMA = closedObject({
  from: { type: 'number' },
  to: { type: 'number' },
  step_seconds: { type: 'number', exclusiveMinimum: 0 },
  topologies: {
    type: 'array',
    items: closedObject({
      topology: { type: 'string' },
      action_count: { type: 'integer', minimum: 0 },
      actions: { type: 'array', items: action },
      steps: {
        type: 'array',
        items: closedObject({ time: { type: 'number' }, operators: { type: 'array', items: operator } }),
      },
    }),
  },
});
