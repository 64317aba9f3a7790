// JSON Schema of a topology's history as the API tells it.
import { HISTORY_RANGES, HISTORY_SERIES, type HistorySeries } from '../model/operator-history.js';
import { actionSchema, optionalTime, text } from './api-schemas.js';

const time = { ...optionalTime, type: 'string' } as const;
const points = { type: 'array', items: { type: ['number', 'null'] } } as const;
const optionalLink = { type: ['string', 'null'] } as const;
const textsBySeries = bySeries(text);
const linksBySeries = bySeries(optionalLink);

const operatorHistorySchema = {
  type: 'object',
  required: ['operator', ...HISTORY_SERIES, 'promql', 'prometheus', 'grafana', 'alertmanager'],
  properties: {
    operator: text,
    parallelism: { ...points, description: 'A number a point; null: not known.' },
    processing_rate: { ...points, description: 'Records/s of the operator, a number a point; null: not known.' },
    suspended_ratio: {
      ...points,
      description:
        'Share of the window in which input was suspended because of the operator, a number a point; null: not known.',
    },
    promql: { ...textsBySeries, description: 'What Prometheus is asked for each.' },
    prometheus: { ...linksBySeries, description: 'That in Prometheus; null: prometheus.external_url is not set.' },
    grafana: { ...linksBySeries, description: 'The panel of each; null: grafana_url is not set.' },
    alertmanager: { ...optionalLink, description: 'Its alerts; null: alertmanager_url is not set.' },
  },
} as const;

export const topologyHistorySchema = {
  type: 'object',
  description:
    'What Dhalion has exported of a topology, as Prometheus has recorded it: at equal steps, the first and the last included.',
  required: [
    'topology',
    'range',
    'from',
    'to',
    'step_seconds',
    'unknown_because',
    'operators',
    'actions',
    'grafana',
    'alertmanager',
    'prometheus',
  ],
  properties: {
    topology: text,
    range: { enum: HISTORY_RANGES },
    from: time,
    to: time,
    step_seconds: { type: 'number', exclusiveMinimum: 0 },
    unknown_because: {
      type: ['string', 'null'],
      description: 'Why nothing is known, such as a Prometheus that does not answer; null: something is.',
    },
    operators: {
      type: 'array',
      description: 'Those of which something is recorded; operators that are gone too.',
      items: operatorHistorySchema,
    },
    actions: { type: 'array', description: 'The newest that began within the range.', items: actionSchema },
    grafana: { ...optionalLink, description: 'The dashboard; null: grafana_url is not set.' },
    alertmanager: { ...optionalLink, description: 'Its alerts; null: alertmanager_url is not set.' },
    prometheus: {
      ...optionalLink,
      description: 'When its alerts were pending or firing; null: prometheus.external_url is not set.',
    },
  },
} as const;

function bySeries<Schema>(schema: Schema) {
  const properties = Object.fromEntries(HISTORY_SERIES.map((series) => [series, schema]));
  return {
    type: 'object',
    required: HISTORY_SERIES,
    properties: properties as Record<HistorySeries, Schema>,
  } as const;
}
