// Dhalion / loop: one topology from measurement to blacklist, in the order in which one leads to the next.
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { EVALUATION_METRICS as LOOP, SERVICE_METRICS as SERVICE } from '../../src/metrics/metric-catalogue.js';
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import { SYMPTOMS } from '../../src/model/symptom.js';
import { externalLink, stateTimeline, table, timeSeries, type Target } from './panels.js';
import { maxBy, OF_OPERATORS, OF_TOPOLOGY, rateBy, select } from './queries.js';
import {
  DATASOURCE,
  datasourceVariable,
  projectVariable,
  replicaVariables,
  RUNBOOK,
  topologyVariables,
} from './variables.js';

export const LOOP_UID = 'dhalion-loop';

export function createLoopDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('Dhalion / loop')
    .uid(LOOP_UID)
    .description('What Dhalion sees of a topology, what it concludes, what it does about it, and what came of that.')
    .tags(['dhalion'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .variables([datasourceVariable(), ...replicaVariables(), ...topologyVariables(), projectVariable()])
    .annotations([
      actionMarks('Actions', 'resolver!="revert"', 'blue'),
      actionMarks('Reverts', 'resolver="revert"', 'red'),
    ])
    .link(
      new DashboardLinkBuilder('Other dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['dhalion'])
        .keepTime(true)
        .includeVars(true),
    )
    .link(externalLink('Runbook', `${RUNBOOK}#runbook-diagnoses`));
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
        { expr: `sum by (topology) (${maxBy(['topology', 'operator', 'resolver'], LOOP.actionInFlight)})` },
        { expr: count('topology, operator, diagnosis, resolver', LOOP.blacklisted) },
        { expr: count('topology, operator, sensor', LOOP.sensorMissing) },
      ],
      {
        columns: {
          topology: 'Topology',
          'Value #A': 'Backpressure (1: yes)',
          'Value #B': 'Diagnoses that hold',
          'Value #C': 'Actions in flight',
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
            url: `/d/${LOOP_UID}?\${datasource:queryparam}&\${job:queryparam}&\${instance:queryparam}&var-topology=\${__value.raw}&\${__url_time_range}`,
          },
        ],
      },
    ]),
  );
}

function addMeasurements(dashboard: DashboardBuilder): void {
  const byOperator = (metric: { readonly name: string }): Target[] => [
    { expr: maxBy(['operator'], metric, ...OF_OPERATORS), legend: '{{operator}}' },
  ];
  dashboard
    .withRow(new RowBuilder('Measurement: what do the sensors say?'))
    .withPanel(
      timeSeries(
        {
          title: 'Suspended ratio',
          description:
            'Share of the window in which input was suspended because of this operator. No line where it is unknown.',
          span: 6,
        },
        'percentunit',
        byOperator(LOOP.suspendedRatio),
        { max: 1 },
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Pending packets',
          description: 'Packets waiting in front of the operator, mean per instance over the window.',
          span: 6,
        },
        'short',
        byOperator(LOOP.pendingPackets),
      ),
    )
    .withPanel(
      timeSeries(
        { title: 'Processing rate', description: 'Records per second of the whole operator.', span: 6 },
        'cps',
        byOperator(LOOP.processingRate),
      ),
    )
    .withPanel(
      stateTimeline(
        {
          title: 'Sensors missing',
          description:
            'Sensors that should report on an operator and do not. While any is missing, nothing in the topology is scaled down. Empty: none.',
          span: 6,
          runbook: 'dhalionsensormissing',
        },
        { yes: 'missing', no: 'reports' },
        [
          {
            expr: maxBy(['operator', 'sensor'], LOOP.sensorMissing, ...OF_OPERATORS),
            legend: '{{operator}}: {{sensor}}',
          },
        ],
      ),
    );
}

/**
 * 1 and 0 as exported; -1 where the operator is there and Dhalion says neither. An operator is there if its instances are
 * counted or if one of its sensors is called missing.
 */
function threeValued(metric: { readonly name: string }, label: string, value: string): Target {
  const known = maxBy(['operator'], metric, ...OF_OPERATORS, `${label}="${value}"`);
  const there = `${select(LOOP.parallelism, ...OF_OPERATORS)} or ${select(LOOP.sensorMissing, ...OF_OPERATORS)}`;
  return { expr: `${known} or -group by (operator) (${there})`, legend: `{{operator}}: ${value}` };
}

function addSymptoms(dashboard: DashboardBuilder): void {
  dashboard.withRow(new RowBuilder('Symptom: what is wrong?')).withPanel(
    stateTimeline(
      {
        title: 'Symptoms',
        description: 'Yes, no or unknown, by operator. Nothing is drawn while Dhalion or the operator is not there.',
        span: 24,
      },
      { yes: 'yes', no: 'no' },
      SYMPTOMS.map((symptom) => threeValued(LOOP.symptom, 'symptom', symptom)),
    ),
  );
}

function addDiagnoses(dashboard: DashboardBuilder): void {
  dashboard.withRow(new RowBuilder('Diagnosis: why?')).withPanel(
    stateTimeline(
      {
        title: 'Diagnoses',
        description:
          'Whether each diagnosis holds for an operator; unknown while a symptom that it could rest on is. What holds for long enough becomes an alert.',
        span: 24,
        runbook: 'runbook-diagnoses',
      },
      { yes: 'holds', no: 'does not hold' },
      DIAGNOSES.map((diagnosis) => threeValued(LOOP.diagnosis, 'diagnosis', diagnosis)),
    ),
  );
}

function addDecisions(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Decision: what is asked for, and what holds it back?'))
    .withPanel(
      timeSeries(
        {
          title: 'Parallelism and recommendation',
          description:
            'Instances that run (solid) and instances that the diagnoses call for (dashed), blacklist and cooldown aside. Where both lie on one another nothing is asked.',
          span: 14,
          runbook: 'dhalionunderprovisioned',
        },
        'short',
        [
          { expr: maxBy(['operator'], LOOP.parallelism, ...OF_OPERATORS), legend: '{{operator}}' },
          {
            expr: maxBy(['operator'], LOOP.recommendedParallelism, ...OF_OPERATORS),
            legend: '{{operator}} recommended',
          },
        ],
      ).overrideByRegexp('/ recommended$/', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } }]),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Hold reasons',
          description:
            'Alerts of the topology that were answered by holding, per minute, by reason: each notification of an alert that still fires counts again. No line: nothing is held.',
          span: 10,
          runbook: 'dhalionalertheld',
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['reason'], SERVICE.holds, OF_TOPOLOGY)}`, legend: '{{reason}}' }],
      ),
    );
}

function addActions(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Action: what is being done?'))
    .withPanel(
      stateTimeline(
        {
          title: 'Actions in flight',
          description: 'From the claim of an action until it is judged. One at a time in a topology.',
          span: 14,
        },
        { yes: 'in flight', no: 'none', colour: 'blue' },
        [
          {
            expr: maxBy(['operator', 'resolver'], LOOP.actionInFlight, ...OF_OPERATORS),
            legend: '{{operator}}: {{resolver}}',
          },
        ],
      ),
    )
    .withPanel(
      table(
        {
          title: 'Last actions',
          description: 'When each resolver was last used on an operator.',
          span: 10,
        },
        'dateTimeFromNow',
        [{ expr: `${maxBy(['operator', 'resolver'], LOOP.lastActionTimestamp, ...OF_OPERATORS)} * 1000` }],
        {
          columns: { operator: 'Operator', resolver: 'Resolver', Value: 'Last' },
          none: 'No action yet',
        },
      ),
    );
}

function addOutcomes(dashboard: DashboardBuilder): void {
  const outcomes = select(SERVICE.actions, ...OF_OPERATORS);
  dashboard
    .withRow(new RowBuilder('Outcome and blacklist: did it help, and what is not tried again?'))
    .withPanel(
      timeSeries(
        {
          title: 'Outcomes',
          description:
            'Actions judged since the replicas were started, by outcome: a step is a judgement. A count, not a rate, so that the first action of a kind shows.',
          span: 14,
          runbook: 'dhalionactionfailing',
        },
        'short',
        [
          {
            expr: `sum by (operator, resolver, outcome) (${outcomes})`,
            legend: '{{operator}}: {{resolver}} {{outcome}}',
          },
        ],
      ),
    )
    .withPanel(
      table(
        {
          title: 'Blacklist',
          description:
            'Pairs of a diagnosis and a resolver that are in force now: what was of no use, or did harm, under a load like this.',
          span: 10,
          runbook: 'dhalionblacklistgrew',
        },
        'none',
        [{ expr: maxBy(['operator', 'diagnosis', 'resolver'], LOOP.blacklisted, ...OF_OPERATORS) }],
        {
          columns: { operator: 'Operator', diagnosis: 'Diagnosis', resolver: 'Resolver' },
          hidden: ['Value'],
          none: 'Nothing is blacklisted',
        },
      ),
    );
}
