import t from 'tap';
import { parseInstant } from '../../../src/commands/backtest/parse-instant.js';

const NOW_MS = Date.UTC(2026, 4, 1, 12, 0, 0, 500);
const at = (hours: number, minutes = 0, day = 1): number => Date.UTC(2026, 4, day, hours, minutes);

void t.test('instants are read in every form that is offered', (t) => {
  const written: readonly (readonly [string, number | null])[] = [
    ['2026-05-01T08:00:00Z', at(8)],
    ['2026-05-01t10:00:00.75+02:00', at(8)],
    ['2026-05-01 08:00:00Z', at(8)],
    ['1777622400', 1_777_622_400_000],
    ['1777622400.9', 1_777_622_400_000],
    ['now', at(12)],
    ['now-6h', at(6)],
    ['now+30m', at(12, 30)],
    ['6h', at(6)],
    ['1d12h', at(0, 0, 30) - 30 * 86_400_000],
    ['2026-05-01T08:00:00', null],
    ['2026-02-30T08:00:00Z', null],
    ['2026-13-01T08:00:00Z', null],
    ['2026-05-01', null],
    ['now-', null],
    ['now-6', null],
    ['yesterday', null],
    ['0', 0],
    ['', null],
  ];
  for (const [text, ms] of written) t.equal(parseInstant(text, NOW_MS), ms, text);
  t.end();
});
