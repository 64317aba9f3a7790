import t from 'tap';
import { HistoryBuckets, TRUTH_BITS } from '../../src/backtest-report/history-buckets.js';
import { renderStateBand } from '../../src/backtest-report/state-band.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import type { OperatorEvaluation } from '../../src/model/evaluation.js';
import { DEFAULT_SETTINGS, flinkTopology } from '../support/measurements.js';

function evaluation(pending: number): OperatorEvaluation {
  const measurement = flinkTopology({ a: { source: true, backpressure: [0] }, b: { pending: [pending] } });
  const found = evaluateTopology(measurement, DEFAULT_SETTINGS, () => 'scale_up').operators[1];
  if (found === undefined) throw new Error('no operator b');
  return found;
}

void t.test('a bucket keeps the extremes and every state of its steps', (t) => {
  const buckets = new HistoryBuckets('b', 4, 2);
  for (const [step, pending] of [5, 0, 7, 900].entries()) buckets.add(step, evaluation(pending));
  t.same([...(buckets.extremes('pending_packets')?.min ?? [])], [0, 7, NaN, NaN]);
  t.same([...(buckets.extremes('pending_packets')?.max ?? [])], [5, 900, NaN, NaN]);
  const { yes, no } = TRUTH_BITS;
  t.same([...buckets.states('pending_packets_near_zero')], [yes | no, no, 0, 0]);
  t.equal(buckets.extremes('source_backlog'), null, 'never measured');
  t.end();
});

void t.test('coarser buckets lose no extreme', (t) => {
  const buckets = new HistoryBuckets('b', 5, 1);
  for (const [step, pending] of [5, 0, 7, 900, 3].entries()) buckets.add(step, evaluation(pending));
  buckets.coarsen();
  t.equal(buckets.stepsEach, 2);
  t.same([...(buckets.extremes('pending_packets')?.min ?? [])], [0, 7, 3]);
  t.same([...(buckets.extremes('pending_packets')?.max ?? [])], [5, 900, 3]);
  buckets.add(5, evaluation(1000));
  t.equal(buckets.extremes('pending_packets')?.max[2], 1000);
  t.end();
});

void t.test('yes, unknown, no and absent look different in a band', (t) => {
  const { yes, no, unknown } = TRUTH_BITS;
  const band = renderStateBand(new Uint8Array([yes | unknown, unknown | no, no, 0]), 'x');
  t.match(band, '<path class="yes" d="M0 0H1V12H0Z"/>');
  t.match(band, '<path class="unknown" d="M1 1H2V3H1ZM1 5H2V7H1ZM1 9H2V11H1Z"/>');
  t.match(band, '<path class="no" d="M2 11H3V12H2Z"/>');
  t.end();
});
