// Dhalion / service: whether Dhalion itself is well, from what comes in to what goes out.
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { SERVICE_METRICS as SERVICE } from '../../src/metrics/metric-catalogue.js';
import { externalLink, stateTimeline, table, timeSeries, type Target } from './panels.js';
import { maxBy, PROCESS_METRICS as PROCESS, quantileBy, rateBy, select } from './queries.js';
import { datasourceVariable, projectVariable, replicaVariables, RUNBOOK } from './variables.js';

/** What happens every evaluation_interval, 5m by default, is seen at least once in each step. */
const SELDOM = '5m';
const QUANTILES = [0.5, 0.95, 0.99] as const;

export function createServiceDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('Dhalion / service')
    .uid('dhalion-service')
    .description(
      'Dhalion itself: replicas, evaluations, Prometheus, intake, scaling webhooks, storage, configuration, process.',
    )
    .tags(['dhalion'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .variables([datasourceVariable(), ...replicaVariables(), projectVariable()])
    .annotations([])
    .link(
      new DashboardLinkBuilder('Other dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['dhalion'])
        .keepTime(true)
        .includeVars(true),
    )
    .link(externalLink('Runbook', `${RUNBOOK}#runbook-dhalion-itself`));
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

function addEvaluations(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Evaluation: does it see its topologies?'))
    .withPanel(
      timeSeries(
        {
          title: 'Age of the last evaluation',
          description:
            'Time since an evaluation last succeeded: a saw as high as evaluation_interval. What climbs beyond it is late.',
          span: 8,
          runbook: 'dhalionevaluationlate',
        },
        's',
        [
          {
            expr: `time() - ${maxBy(['engine', 'instance'], SERVICE.lastEvaluationTimestamp)}`,
            legend: '{{engine}} {{instance}}',
          },
        ],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Evaluations',
          description: 'Evaluations per minute, by engine, of all replicas, failed ones included.',
          span: 8,
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['engine'], SERVICE.evaluations)}`, legend: '{{engine}}' }],
        { interval: SELDOM },
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Duration of evaluations',
          description:
            'The queries included, by engine: median, 95 and 99 of 100. An evaluation must fit well into its interval.',
          span: 8,
        },
        's',
        quantiles(['engine'], SERVICE.evaluationDuration),
        { interval: SELDOM },
      ),
    )
    .withPanel(
      stateTimeline(
        {
          title: 'Prometheus',
          description: 'Whether Prometheus answered the last query of the replica.',
          span: 12,
          runbook: 'dhalionevaluationfailing',
        },
        { yes: 'answers', no: 'does not answer', colour: 'inverse' },
        [{ expr: maxBy(['instance'], SERVICE.prometheusUp), legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Failed evaluations',
          description:
            'Evaluations per minute in which a query failed or was answered in part, by the first error met.',
          span: 12,
          runbook: 'dhalionevaluationfailing',
        },
        'cpm',
        [
          {
            expr: `60 * ${rateBy(['engine', 'reason'], SERVICE.evaluationFailures)}`,
            legend: '{{engine}}: {{reason}}',
          },
        ],
        { interval: SELDOM },
      ),
    );
}

function addIntake(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Intake: do the alerts arrive?'))
    .withPanel(
      timeSeries(
        {
          title: 'Alerts received',
          description: 'Alerts per minute that were committed to the action log, by status.',
          span: 8,
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['status'], SERVICE.alertsReceived)}`, legend: '{{status}}' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Alerts ignored',
          description: 'Alerts per minute in accepted notifications that were not taken up, by reason.',
          span: 8,
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['reason'], SERVICE.alertsIgnored)}`, legend: '{{reason}}' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Notifications refused',
          description:
            'Notifications per minute answered with an error, by HTTP status. Alertmanager repeats a 5xx and drops a 4xx.',
          span: 8,
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['code'], SERVICE.notificationsRefused)}`, legend: '{{code}}' }],
      ),
    );
}

function addWebhooks(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Scaling webhooks: is what it asks for done?'))
    .withPanel(
      timeSeries(
        {
          title: 'Calls',
          description:
            'Calls of scaling webhooks per minute, by HTTP status, or by error where no answer came. The first call with a code since the start does not show.',
          span: 12,
          runbook: 'dhalionactionfailing',
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['webhook', 'code'], SERVICE.webhookRequests)}`, legend: '{{webhook}}: {{code}}' }],
        { interval: SELDOM },
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Duration of calls',
          description: 'By webhook: median, 95 and 99 of 100, where there were calls.',
          span: 12,
        },
        's',
        quantiles(['webhook'], SERVICE.webhookRequestDuration),
        { interval: SELDOM },
      ),
    );
}

function addState(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Storage and configuration: can it remember, and did it understand?'))
    .withPanel(
      stateTimeline(
        {
          title: 'Storage',
          description:
            'Whether the action log could be read and written when last tried. While it cannot, alerts are refused and nothing acts.',
          span: 8,
          runbook: 'dhalionstoragedown',
        },
        { yes: 'works', no: 'fails', colour: 'inverse' },
        [{ expr: `min by (instance) (${select(SERVICE.storageUp)})`, legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      stateTimeline(
        {
          title: 'Last reload of the configuration',
          description:
            'Whether the last attempt to load the configuration succeeded. A refused one leaves the old one in force.',
          span: 8,
          runbook: 'dhalionconfigreloadfailed',
        },
        { yes: 'succeeded', no: 'refused', colour: 'inverse' },
        [{ expr: `min by (instance) (${select(SERVICE.configLastReloadSuccessful)})`, legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Age of the configuration',
          description:
            'Time since the configuration in force was loaded. Replicas that differ may have different ones.',
          span: 8,
        },
        's',
        [
          {
            expr: `time() - ${maxBy(['instance'], SERVICE.configLastReloadSuccessTimestamp)}`,
            legend: '{{instance}}',
          },
        ],
      ),
    );
}

function addProcess(dashboard: DashboardBuilder): void {
  const byInstance = (metric: { readonly name: string }): Target => ({
    expr: maxBy(['instance'], metric),
    legend: '{{instance}}',
  });
  dashboard
    .withRow(new RowBuilder('Process: what does it cost?'))
    .withPanel(
      timeSeries({ title: 'CPU', description: 'Share of one core, user and system.', span: 6 }, 'percentunit', [
        { expr: rateBy(['instance'], PROCESS.cpuSeconds), legend: '{{instance}}' },
      ]),
    )
    .withPanel(
      timeSeries(
        { title: 'Memory', description: 'Resident memory, and of it the JavaScript heap in use.', span: 6 },
        'bytes',
        [
          { ...byInstance(PROCESS.residentMemory), legend: '{{instance}} resident' },
          { ...byInstance(PROCESS.heapUsed), legend: '{{instance}} heap' },
        ],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Event loop lag',
          description:
            'How late the event loop runs, 99 of 100. Much above a tenth of a second, alerts and scrapes wait.',
          span: 6,
        },
        's',
        [byInstance(PROCESS.eventLoopLag)],
      ),
    )
    .withPanel(
      timeSeries(
        { title: 'Open files', description: 'File descriptors in use, connections included.', span: 6 },
        'short',
        [byInstance(PROCESS.openFileDescriptors)],
      ),
    );
}

function quantiles(labels: readonly string[], metric: { readonly name: string }): Target[] {
  return QUANTILES.map((quantile) => ({
    expr: quantileBy(quantile, labels, metric),
    legend: `${labels.map((label) => `{{${label}}}`).join(' ')} p${quantile * 100}`,
  }));
}
