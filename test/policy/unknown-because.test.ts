import t from 'tap';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';
import { unknownBecause } from '../../src/policy/unknown-because.js';
import {
  NO_SYMPTOMS,
  operatorEvaluation,
  operatorLoad,
  operatorMeasurement,
  topologyEvaluation,
} from '../support/evaluations.js';

const UP = { operator: 'split', diagnosis: 'underprovisioning' } as const;
const DOWN = { operator: 'split', diagnosis: 'overprovisioning' } as const;

const incomplete = (name: string, because: string) =>
  operatorEvaluation(name, { measurement: operatorMeasurement(name, { incompleteBecause: because }) });
const topology = (
  split: ReturnType<typeof operatorEvaluation>,
  others: readonly ReturnType<typeof operatorEvaluation>[] = [],
  more: Partial<TopologyEvaluation> = {},
): TopologyEvaluation => ({ ...topologyEvaluation('wordcount', [...others, split]), ...more });

void t.test('the first unknown value is named, with its operator', (t) => {
  const split = operatorEvaluation('split');
  const table: readonly (readonly [string, string | null, ReturnType<typeof operatorEvaluation>])[] = [
    ['nothing is unknown', null, split],
    ['instances', 'split: 1 of 2 is seen', incomplete('split', '1 of 2 is seen')],
    ['sensors', 'split has no data of busy, idle', operatorEvaluation('split', { missingSensors: ['busy', 'idle'] })],
    [
      'a restart',
      'the window of split contains a restart or a gap',
      operatorEvaluation('split', { load: operatorLoad({ isClean: false }) }),
    ],
    [
      'a specific reason',
      'a window of 5 min is not full of split yet',
      operatorEvaluation('split', {
        load: operatorLoad({ isClean: false, unsizedBecause: 'a window of 5 min is not full of split yet' }),
      }),
    ],
    [
      'symptoms',
      'whether split shows backpressure, stalled is unknown',
      operatorEvaluation('split', { symptoms: { ...NO_SYMPTOMS, backpressure: 'unknown', stalled: 'unknown' } }),
    ],
  ];
  for (const [title, because, evaluation] of table) t.equal(unknownBecause(topology(evaluation), UP), because, title);
  t.equal(unknownBecause(topology(split), { ...UP, operator: 'splot' }), 'the topology has no operator splot');
  t.end();
});

void t.test('another operator blocks a scale-down, and a scale-up only if the load of the topology is unknown', (t) => {
  const split = operatorEvaluation('split');
  const count = incomplete('count', '1 of 2 is seen');
  t.equal(unknownBecause(topology(split, [count]), UP), null);
  t.equal(unknownBecause(topology(split, [count]), DOWN), 'count: 1 of 2 is seen');
  t.equal(unknownBecause(topology(incomplete('split', 'none is seen'), [count]), DOWN), 'split: none is seen');
  const unsure = { demand: { kind: 'unknown' } } as const;
  t.equal(unknownBecause(topology(split, [count], unsure), UP), 'count: 1 of 2 is seen');
  t.equal(unknownBecause(topology(split, [], unsure), UP), 'the offered load of the topology is unknown');
  t.equal(
    unknownBecause(topology(split, [], { isDraining: 'unknown' }), UP),
    'whether a source works off its backlog is unknown',
  );
  t.end();
});

void t.test('the reason for a waiting scale-down is given for scale-downs only', (t) => {
  const waiting = operatorEvaluation('split', { leftAloneBecause: 'the memory of 1 h is not full yet' });
  t.equal(unknownBecause(topology(waiting), DOWN), 'the memory of 1 h is not full yet');
  t.equal(unknownBecause(topology(waiting), UP), null);
  t.end();
});
