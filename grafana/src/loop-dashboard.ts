// Dhalion / loop: one topology from measurement to blacklist, in the order in which one leads to the next.
import {
  AnnotationQueryBuilder,
  RowBuilder,
  type Dashboard,
  type DashboardBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { EVALUATION_METRICS as LOOP } from '../../src/metrics/metric-catalogue.js';
import { addActions, addDecisions, addOutcomes } from './loop-acting-rows.js';
import { addDiagnoses, addMeasurements, addSymptoms } from './loop-seeing-rows.js';
import { table } from './panels.js';
import { maxBy, OF_OPERATORS, select } from './queries.js';
import { startDashboard } from './start-dashboard.js';
import { DATASOURCE, datasourceVariable, projectVariable, replicaVariables, topologyVariables } from './variables.js';

const UID = 'dhalion-loop';

export function createLoopDashboard(): Dashboard {
  const dashboard = startDashboard({
    title: 'Dhalion / loop',
    uid: UID,
    description: 'What Dhalion sees of a topology, what it concludes, what it does about it, and what came of that.',
    runbook: 'runbook-diagnoses',
  })
    .variables([datasourceVariable(), ...replicaVariables(), ...topologyVariables(), projectVariable()])
    .annotations([
      actionMarks('Actions', 'resolver!="revert"', 'blue'),
      actionMarks('Reverts', 'resolver="revert"', 'red'),
    ]);
  addTopologies(dashboard);
  addMeasurements(dashboard);
  addSymptoms(dashboard);
  addDiagnoses(dashboard);
  addDecisions(dashboard);
  addActions(dashboard);
  addOutcomes(dashboard);
  return dashboard.build();
}

/** The series' value is the time of the action: as many marks as actions, where they began, however often they were scraped. */
function actionMarks(name: string, matcher: string, colour: string): AnnotationQueryBuilder {
  const at = maxBy(['operator', 'resolver'], LOOP.lastActionTimestamp, ...OF_OPERATORS, matcher);
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(colour)
    .expr(`${at} * 1000`)
    .step('1m')
    .useValueForTime(true)
    .titleFormat('{{resolver}}')
    .textFormat('{{operator}}')
    .tagKeys('operator,resolver');
}

function addTopologies(dashboard: DashboardBuilder): void {
  const count = (labels: string, metric: { readonly name: string }): string =>
    `count by (topology) (group by (${labels}) (${select(metric)}))`;
  dashboard.withRow(new RowBuilder('Topologies: which one needs looking at?')).withPanel(
    table(
      {
        title: 'Topologies',
        description:
          'All topologies, whatever is chosen above. An empty cell of backpressure is unknown. A click on a name shows that topology below.',
        span: 24,
      },
      'short',
      [
        { expr: maxBy(['topology'], LOOP.topologyBackpressure) },
        { expr: `sum by (topology) (${maxBy(['topology', 'operator', 'diagnosis'], LOOP.diagnosis)})` },
        { expr: maxBy(['topology'], LOOP.actionInFlight) },
        { expr: count('topology, operator, diagnosis, resolver', LOOP.blacklisted) },
        { expr: count('topology, operator, sensor', LOOP.sensorMissing) },
      ],
      {
        columns: {
          topology: 'Topology',
          'Value #A': 'Backpressure (1: yes)',
          'Value #B': 'Diagnoses that hold',
          'Value #C': 'Action in flight (1: yes)',
          'Value #D': 'Blacklisted',
          'Value #E': 'Sensors missing',
        },
        none: 'unknown or none',
      },
    ).overrideByName('Topology', [
      {
        id: 'links',
        value: [
          {
            title: 'Show below',
            url: `/d/${UID}?\${datasource:queryparam}&\${job:queryparam}&\${instance:queryparam}&var-topology=\${__value.raw}&\${__url_time_range}`,
          },
        ],
      },
    ]),
  );
}
