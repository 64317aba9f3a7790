// Dhalion / loop, the rows of what is seen: measurement, symptom, diagnosis.
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { EVALUATION_METRICS as LOOP } from '../../src/metrics/metric-catalogue.js';
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import { SYMPTOMS } from '../../src/model/symptom.js';
import { stateTimeline, timeSeries, type Target } from './panels.js';
import { maxBy, OF_OPERATORS, select } from './queries.js';

export function addMeasurements(dashboard: DashboardBuilder): void {
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

export function addSymptoms(dashboard: DashboardBuilder): void {
  dashboard.withRow(new RowBuilder('Symptom: what is wrong?')).withPanel(
    stateTimeline(
      {
        title: 'Symptoms',
        description: 'Yes, no or unknown, by operator. Nothing is drawn while Dhalion or the operator is not there.',
        span: 24,
        height: 14,
      },
      { yes: 'yes', no: 'no' },
      SYMPTOMS.map((symptom) => threeValued(LOOP.symptom, 'symptom', symptom)),
    ),
  );
}

export function addDiagnoses(dashboard: DashboardBuilder): void {
  dashboard.withRow(new RowBuilder('Diagnosis: why?')).withPanel(
    stateTimeline(
      {
        title: 'Diagnoses',
        description:
          'Whether each diagnosis holds for an operator; unknown while a symptom that it could rest on is. What holds for long enough becomes an alert.',
        span: 24,
        height: 10,
        runbook: 'runbook-diagnoses',
      },
      { yes: 'holds', no: 'does not hold' },
      DIAGNOSES.map((diagnosis) => threeValued(LOOP.diagnosis, 'diagnosis', diagnosis)),
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
