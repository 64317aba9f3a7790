// The operators of a topology in two tables: measurements, and symptoms. Yes, no, unknown, missing and not applicable
// all look different, in words.
import type { SymptomName } from '../../../model/symptom.js';
import type { Truth } from '../../../model/truth.js';
import type { Measurements, Operator, Topology } from './api-types.js';
import { OPERATOR_MARKS } from './graph-view.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderAside, renderMark, renderName, renderTable, renderValue, type Column } from './pieces.js';
import { formatNumber, formatShare, formatSlope, quoteName } from './quantities.js';
import { describeSizing } from './size-words.js';
import { isCatchingUp, isDiagnosisKnown, standingOfOperator } from './standing.js';
import { DIAGNOSIS_WORDS, SYMPTOM_WORDS } from './words.js';

const COLUMNS: readonly Column[] = [
  { title: 'Operator' },
  { title: 'Parallelism', hint: 'Current, and the recommendation of the diagnoses', isNumber: true },
  { title: 'State' },
  { title: 'Diagnoses' },
  { title: 'Suspended', hint: 'Share of the window in which input was suspended because of it', isNumber: true },
  { title: 'Backpressure', hint: 'As the engine reports it: mean and max of the instances', isNumber: true },
  { title: 'Busy', hint: 'Mean and max of the instances', isNumber: true },
  { title: 'Rate', hint: 'Records/s of the whole operator', isNumber: true },
  { title: 'Pending', hint: 'Packets waiting: mean and max of the instances, and how their sum grows', isNumber: true },
  { title: 'Backlog', hint: 'Records waiting outside a source', isNumber: true },
];

export function renderOperators(topology: Topology): ElementNode[] {
  const { operators } = topology;
  const isWorkingOff = isCatchingUp(topology);
  const name = quoteName(topology.topology);
  const symptoms = Object.keys(SYMPTOM_WORDS) as SymptomName[];
  return [
    renderTable(
      `Operators of ${name}`,
      COLUMNS,
      operators.map((operator) => ({
        key: operator.operator,
        attributes: { 'data-operator': operator.operator },
        cells: [
          renderName(operator.operator),
          renderParallelism(operator),
          renderStanding(operator, isWorkingOff),
          renderDiagnoses(operator, topology),
          renderOptional(operator.suspended_ratio, 'suspended_ratio', formatShare),
          ...renderMeasurements(operator.measurements),
        ],
      })),
    ),
    renderTable(
      `Symptoms of ${name}`,
      [{ title: 'Operator' }, ...symptoms.map((symptom) => ({ title: SYMPTOM_WORDS[symptom], hint: symptom }))],
      operators.map((operator) => ({
        key: operator.operator,
        attributes: { 'data-symptoms-of': operator.operator },
        cells: [
          renderName(operator.operator),
          ...symptoms.map((symptom) => renderTruth(operator.symptoms[symptom], symptom)),
        ],
      })),
    ),
    ...operators.flatMap((operator) => renderRemarks(operator, topology.flow_limit)),
  ];
}

/** Also names the culprits, if known: the operator that is held up is not necessarily the one that is too small. */
function renderStanding(operator: Operator, isWorkingOff: boolean): Child {
  const standing = standingOfOperator(operator, isWorkingOff);
  const { held_up_by: culprits } = operator;
  return [
    renderMark(standing, ...OPERATOR_MARKS[standing], 'standing'),
    culprits.length > 0 &&
      element(
        'span',
        { 'data-field': 'held_up_by', 'data-value': culprits.join(', ') },
        standing === 'held_up' ? ' by ' : ', held up by ',
        culprits.map((culprit, index) => [index > 0 && ', ', renderName(culprit)]),
      ),
  ];
}

const TRUTH_MARKS: Readonly<Record<Truth, readonly [glyph: string, word: string]>> = {
  yes: ['●', 'yes'],
  no: ['○', 'no'],
  unknown: ['?', 'unknown'],
};

export function renderTruth(truth: Truth, field: string): ElementNode {
  return renderMark(truth, ...TRUTH_MARKS[truth], field);
}

/** Unknown data does not count as healthy. */
function renderDiagnoses(operator: Operator, topology: Topology): Child {
  const { diagnoses } = operator;
  if (diagnoses.length === 0) {
    return isDiagnosisKnown(operator, topology)
      ? element('span', { class: 'quiet' }, 'none')
      : element('span', { class: 'unknown-value' }, 'unknown');
  }
  return diagnoses.map((diagnosis) =>
    element('span', { class: 'diagnosis', 'data-diagnosis': diagnosis, title: diagnosis }, DIAGNOSIS_WORDS[diagnosis]),
  );
}

function renderParallelism({
  parallelism,
  recommended_parallelism: recommended,
  max_parallelism: max,
  ...operator
}: Operator): Child {
  const isSame = parallelism === recommended;
  const bounds = `bounds ${operator.min_parallelism} to ${max ?? 'any number'}`;
  return element(
    'span',
    { class: isSame ? 'parallelism' : 'parallelism wanted', title: bounds },
    renderOptional(parallelism, 'parallelism', String),
    element('span', { class: isSame ? 'aside' : null }, isSame ? ', recommended ' : ' → '),
    isSame
      ? element('span', { class: 'aside' }, renderOptional(recommended, 'recommended_parallelism', String))
      : renderOptional(recommended, 'recommended_parallelism', String),
  );
}

function renderOptional(value: number | null, field: string, format: (value: number) => string): Child {
  if (value !== null) return renderValue(value, format(value), field);
  return element('span', { class: 'unknown-value', 'data-field': field, 'data-value': 'null' }, 'not known');
}

function renderMeasurements(measurements: Measurements): Child[] {
  const { backpressure, busy, processing_rate: rate, pending_packets: pending, source_backlog: backlog } = measurements;
  const slope = (perSecond: number | null, field: string): Child =>
    perSecond !== null && [', ', renderValue(perSecond, formatSlope(perSecond), field)];
  const shares = (name: 'backpressure' | 'busy') => (reading: { readonly mean: number; readonly max: number }) => [
    renderValue(reading.mean, formatShare(reading.mean), `${name}.mean`),
    renderMore('max ', renderValue(reading.max, formatShare(reading.max), `${name}.max`)),
  ];
  return [
    renderReading('backpressure', backpressure, shares('backpressure')),
    renderReading('busy', busy, shares('busy')),
    renderReading('processing_rate', rate, ({ total }) => [
      renderValue(total, `${formatNumber(total)}/s`, 'processing_rate.total'),
    ]),
    renderReading('pending_packets', pending, ({ mean, max, slope_per_second: perSecond }) => [
      renderValue(mean, formatNumber(mean), 'pending_packets.mean'),
      renderMore(
        'max ',
        renderValue(max, formatNumber(max), 'pending_packets.max'),
        slope(perSecond, 'pending_packets.slope_per_second'),
      ),
    ]),
    renderReading('source_backlog', backlog, ({ total, slope_per_second: perSecond }) => [
      renderValue(total, formatNumber(total), 'source_backlog.total'),
      renderMore(
        perSecond !== null && renderValue(perSecond, formatSlope(perSecond), 'source_backlog.slope_per_second'),
      ),
    ]),
  ];
}

/** The second value, on its own line. */
function renderMore(...children: readonly Child[]): Child {
  return element('span', { class: 'more' }, children);
}

function renderReading<Reading>(
  sensor: string,
  reading: Reading | null | undefined,
  render: (reading: Reading) => Child,
): Child {
  if (reading === undefined) {
    return element(
      'span',
      { class: 'quiet', 'data-field': sensor, 'data-value': 'not applicable' },
      element('span', { 'aria-hidden': 'true' }, '–'),
      renderAside('does not apply'),
    );
  }
  if (reading === null) return renderMark('missing', '?', 'missing', sensor);
  return render(reading);
}

/** Problems of the measurements themselves, and the instances that stand out. */
function renderRemarks(operator: Operator, limit: Topology['flow_limit']): ElementNode[] {
  const { incomplete_because: incomplete, missing_sensors: missing, outliers } = operator;
  const name = renderName(operator.operator);
  const sizing = describeSizing(operator, limit);
  return [
    ...(sizing === null
      ? []
      : [element('p', { class: 'remark', 'data-sizing-of': operator.operator }, name, `: ${sizing}.`)]),
    ...(missing.length === 0
      ? []
      : [
          element(
            'p',
            { class: 'remark' },
            name,
            ': no data from ',
            missing.join(', '),
            '. Without it, symptoms that need it are unknown.',
          ),
        ]),
    ...(incomplete === null ? [] : [element('p', { class: 'remark' }, name, `: ${incomplete}`)]),
    ...(outliers.length === 0
      ? []
      : [
          element(
            'p',
            { class: 'remark' },
            name,
            ': instances that stand out: ',
            outliers.map(({ operator_instance: instance, pending_packets: packets }, index) => [
              index > 0 && ', ',
              renderName(instance),
              ` (${formatNumber(packets)} packets wait)`,
            ]),
          ),
        ]),
  ];
}
