// The variables at the top of the dashboards. Names and labels are those that dashboard-linter asks for.
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { EVALUATION_METRICS, SERVICE_METRICS } from '../../src/metrics/metric-catalogue.js';
import { OF_REPLICAS, OF_TOPOLOGY } from './queries.js';

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

/** For links. */
export const RUNBOOK = '${project_url}/rules/README.md';

export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that scrapes Dhalion.')
    .type('prometheus');
}

export function replicaVariables(): readonly QueryVariableBuilder[] {
  const { name } = SERVICE_METRICS.buildInfo;
  return [
    several('job', 'Job', `label_values(${name}, job)`),
    several('instance', 'Instance', `label_values(${name}{${OF_REPLICAS[0]}}, instance)`),
  ];
}

/** Both of what is known and of what is missing there are series: a topology all of whose sensors are missing is listed. */
export function topologyVariables(): readonly QueryVariableBuilder[] {
  const seen = `__name__=~"${EVALUATION_METRICS.parallelism.name}|${EVALUATION_METRICS.sensorMissing.name}"`;
  const of = (...matchers: readonly string[]): string => [seen, ...OF_REPLICAS, ...matchers].join(',');
  return [
    query('topology', 'Topology', `label_values({${of()}}, topology)`),
    several('operator', 'Operator', `label_values({${of(OF_TOPOLOGY)}}, operator)`),
  ];
}

export function projectVariable(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder('project_url')
    .label('Runbooks at')
    .description(
      'Address of your copy of the project: the links to runbooks start there. dhalion rules prints the dashboard with it.',
    )
    .defaultValue('');
}

function several(name: string, label: string, expression: string): QueryVariableBuilder {
  return query(name, label, expression)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function query(name: string, label: string, expression: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(expression)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}
