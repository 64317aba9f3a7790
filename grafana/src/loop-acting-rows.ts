// Dhalion / loop, the rows of what is done: decision, action, outcome and blacklist.
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { EVALUATION_METRICS as LOOP, SERVICE_METRICS as SERVICE } from '../../src/metrics/metric-catalogue.js';
import { stateTimeline, table, timeSeries } from './panels.js';
import { maxBy, OF_OPERATORS, OF_TOPOLOGY, rateBy, select } from './queries.js';

export function addDecisions(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Decision: what is asked for, and what holds it back?'))
    .withPanel(
      timeSeries(
        {
          title: 'Parallelism and recommendation',
          description:
            'Instances that run (solid) and instances that the diagnoses call for (dashed), blacklist and cooldown aside. Where both lie on one another nothing is asked. Dotted: the load in instances’ worth of work, which a scale down remembers the peak of.',
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
          { expr: maxBy(['operator'], LOOP.neededInstances, ...OF_OPERATORS), legend: '{{operator}} needed' },
        ],
      )
        .overrideByRegexp('/ recommended$/', [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } }])
        .overrideByRegexp('/ needed$/', [{ id: 'custom.lineStyle', value: { fill: 'dot', dash: [2, 6] } }]),
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

export function addActions(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Action: what is being done?'))
    .withPanel(
      stateTimeline(
        {
          title: 'Actions in flight',
          description:
            'From the claim of an action until it is judged. One at a time in a topology, of one operator or of several.',
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

export function addOutcomes(dashboard: DashboardBuilder): void {
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
