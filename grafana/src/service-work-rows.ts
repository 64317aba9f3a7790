// Dhalion / service, the rows of its work: evaluations, intake, scaling webhooks.
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { SERVICE_METRICS as SERVICE } from '../../src/metrics/metric-catalogue.js';
import { stateTimeline, timeSeries, type Target } from './panels.js';
import { maxBy, quantileBy, rateBy } from './queries.js';

/** What happens every evaluation_interval, 5m by default, is seen at least once in each step. */
const SELDOM = '5m';
const QUANTILES = [0.5, 0.95, 0.99] as const;

export function addEvaluations(dashboard: DashboardBuilder): void {
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
          span: 8,
          runbook: 'dhalionevaluationfailing',
        },
        { yes: 'answers', no: 'does not answer', colour: 'inverse' },
        [{ expr: maxBy(['instance'], SERVICE.prometheusUp), legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Clock of Prometheus',
          description: 'How far it is ahead of the clock of the replica, below zero if behind. One of them is wrong.',
          span: 8,
          runbook: 'dhalionclockskew',
        },
        's',
        [{ expr: maxBy(['instance'], SERVICE.prometheusClockSkew), legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Failed evaluations',
          description:
            'Evaluations per minute in which a query failed or was answered in part, by the first error met.',
          span: 8,
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

export function addIntake(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Intake: do the alerts arrive?'))
    .withPanel(
      timeSeries(
        {
          title: 'Age of the last notification',
          description:
            'Time since Alertmanager last brought alerts of ours, to any replica. It grows where nothing fires; where something does, none should be older than a few minutes.',
          span: 6,
          runbook: 'dhalionnotificationsmissing',
        },
        's',
        [{ expr: `time() - ${maxBy([], SERVICE.lastNotificationTimestamp)}`, legend: 'any replica' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Alerts received',
          description: 'Alerts per minute that were committed to the action log, by status.',
          span: 6,
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
          span: 6,
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
          span: 6,
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['code'], SERVICE.notificationsRefused)}`, legend: '{{code}}' }],
      ),
    );
}

export function addWebhooks(dashboard: DashboardBuilder): void {
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

function quantiles(labels: readonly string[], metric: { readonly name: string }): Target[] {
  return QUANTILES.map((quantile) => ({
    expr: quantileBy(quantile, labels, metric),
    legend: `${labels.map((label) => `{{${label}}}`).join(' ')} p${quantile * 100}`,
  }));
}
