// Dhalion / service: whether Dhalion itself is well, from what comes in to what goes out.
import { RowBuilder, type Dashboard, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { SERVICE_METRICS as SERVICE } from '../../src/metrics/metric-catalogue.js';
import { stateTimeline, table } from './panels.js';
import { maxBy, PROCESS_METRICS as PROCESS } from './queries.js';
import { addProcess, addState } from './service-state-rows.js';
import { addEvaluations, addIntake, addWebhooks } from './service-work-rows.js';
import { startDashboard } from './start-dashboard.js';
import { datasourceVariable, projectVariable, replicaVariables } from './variables.js';

export function createServiceDashboard(): Dashboard {
  const dashboard = startDashboard({
    title: 'Dhalion / service',
    uid: 'dhalion-service',
    description:
      'Dhalion itself: replicas, evaluations, Prometheus, intake, scaling webhooks, storage, configuration, process.',
    runbook: 'runbook-dhalion-itself',
  })
    .variables([datasourceVariable(), ...replicaVariables(), projectVariable()])
    .annotations([]);
  addReplicas(dashboard);
  addEvaluations(dashboard);
  addIntake(dashboard);
  addWebhooks(dashboard);
  addState(dashboard);
  addProcess(dashboard);
  return dashboard.build();
}

function addReplicas(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Replicas: is it there?'))
    .withPanel(
      stateTimeline(
        {
          title: 'Up',
          description: 'Whether Prometheus could scrape the replica. While no replica is up, nothing is scaled.',
          span: 14,
          runbook: 'dhaliondown',
        },
        { yes: 'up', no: 'down', colour: 'inverse' },
        [{ expr: maxBy(['instance'], PROCESS.up), legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      table(
        {
          title: 'Versions',
          description: 'What is running. A click on an instance leads to its status page, over HTTP.',
          span: 10,
        },
        'none',
        [{ expr: maxBy(['instance', 'version', 'revision', 'node_version'], SERVICE.buildInfo) }],
        {
          columns: { instance: 'Instance', version: 'Version', revision: 'Revision', node_version: 'Node.js' },
          hidden: ['Value'],
          none: 'No replica is scraped',
        },
      ).overrideByName('Instance', [
        { id: 'links', value: [{ title: 'Status page', url: 'http://${__value.raw}/', targetBlank: true }] },
      ]),
    );
}
