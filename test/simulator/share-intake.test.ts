import fc from 'fast-check';
import t from 'tap';
import { shareIntake, type Flow } from '../../src/simulator/share-intake.js';

await t.test('what fits is not limited', (t) => {
  t.same(shareIntake([{ demands: [3, 2], consumers: [0] }], [5]), [Infinity]);
  t.same(shareIntake([{ demands: [3, 2], consumers: [] }], []), [Infinity]);
  t.same(shareIntake([{ demands: [3, 2], consumers: [0] }], [Infinity]), [Infinity]);
  t.end();
});

await t.test('instances that want more than their share get the same, the others what they want', (t) => {
  const flows: Flow[] = [
    { demands: [10], consumers: [0] },
    { demands: [2, 1], consumers: [0] },
  ];
  t.same(shareIntake(flows, [8]), [5, 5]);
  t.end();
});

await t.test('a flow held up at one consumer leaves its share of another one to others', (t) => {
  const flows: Flow[] = [
    { demands: [10], consumers: [0, 1] },
    { demands: [10], consumers: [1] },
  ];
  t.same(shareIntake(flows, [1, 10]), [1, 9]);
  t.end();
});

await t.test('a consumer without room stops only the operators that feed it', (t) => {
  const flows: Flow[] = [
    { demands: [10], consumers: [0] },
    { demands: [10], consumers: [1] },
  ];
  t.same(shareIntake(flows, [0, 20]), [0, Infinity]);
  t.end();
});

const network = fc.record({
  flows: fc.array(
    fc.record({
      demands: fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 5 }),
      consumers: fc.uniqueArray(fc.nat(3), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  intakes: fc.tuple(
    ...[0, 1, 2, 3].map(() => fc.oneof(fc.double({ min: 0, max: 200, noNaN: true }), fc.constant(Infinity))),
  ),
});

function intakeOf(consumer: number, flows: readonly Flow[], levels: readonly number[]): number {
  return flows
    .filter((flow) => flow.consumers.includes(consumer))
    .flatMap((flow) => flow.demands.map((demand) => Math.min(demand, levels[flows.indexOf(flow)] ?? 0)))
    .reduce((sum, records) => sum + records, 0);
}

await t.test('no consumer is given more than it can take, and who is held up is held up by a full one', (t) => {
  fc.assert(
    fc.property(network, ({ flows, intakes }) => {
      const levels = shareIntake(flows, intakes);
      const isFull = (consumer: number): boolean =>
        intakeOf(consumer, flows, levels) >= (intakes[consumer] ?? Infinity) - 1e-6;
      for (const [consumer, intake] of intakes.entries()) {
        if (intakeOf(consumer, flows, levels) > intake + 1e-6) return false;
      }
      return flows.every((flow, index) => {
        const isHeldUp = flow.demands.some((demand) => demand > (levels[index] ?? 0) + 1e-6);
        return !isHeldUp || flow.consumers.some(isFull);
      });
    }),
  );
  t.end();
});
