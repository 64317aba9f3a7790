// JSON Schema of a topology's history in the API.
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
    parallelism: { ...points, description: 'One number per point; null: unknown.' },
    processing_rate: { ...points, description: 'Records/s of the operator, one number per point; null: unknown.' },
    suspended_ratio: {
      ...points,
      description:
        'Share of the window in which input was suspended because of the operator, one number per point; null: unknown.',
    },
    promql: { ...textsBySeries, description: 'The query for each.' },
    prometheus: { ...linksBySeries, description: 'The query in Prometheus; null: prometheus.external_url is not set.' },
    grafana: { ...linksBySeries, description: 'The panel for each; null: grafana_url is not set.' },
    alertmanager: { ...optionalLink, description: 'Its alerts; null: alertmanager_url is not set.' },
  },
} as const;

export const topologyHistorySchema = {
  type: 'object',
  description: 'What Dhalion exported for a topology, as recorded by Prometheus, at equal steps including both ends.',
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
      description: 'Why there is no data, for example because Prometheus does not answer; null: there is data.',
    },
    operators: {
      type: 'array',
      description: 'The operators with recorded data, including those that are gone.',
      items: operatorHistorySchema,
    },
    actions: { type: 'array', description: 'The newest that began within the range.', items: actionSchema },
    grafana: { ...optionalLink, description: 'The dashboard; null: grafana_url is not set.' },
    alertmanager: { ...optionalLink, description: 'Its alerts; null: alertmanager_url is not set.' },
    prometheus: {
      ...optionalLink,
      description: 'Pending and firing times of its alerts; null: prometheus.external_url is not set.',
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
