import t from 'tap';
import { parseBacktestRange } from '../../../src/commands/backtest/backtest-range.js';
import { backtestConfiguration } from '../../support/backtest-configuration.js';

const NOW_MS = 1_700_000_100_000;

const CONFIGURATION = backtestConfiguration('http://127.0.0.1:9', {});

void t.test('the first step is at a multiple of the step, where no server moves it', (t) => {
  for (const [from, step, fromMs] of [
    ['1699999200', '1m', 1_699_999_200_000],
    ['1699999239', '1m', 1_699_999_200_000],
    ['1699999239', '7m', 1_699_999_140_000],
    ['1699999239', '61500ms', 1_699_999_236_000],
    ['now-99s', null, 1_699_999_980_000],
  ] as const) {
    const { stepMs, ...parsed } = parseBacktestRange({ from, to: 'now', step }, CONFIGURATION, NOW_MS);
    t.equal(parsed.fromMs, fromMs, `${from}, ${step ?? 'the evaluation interval'}`);
    t.equal(parsed.fromMs % stepMs, 0);
    t.equal(parsed.toMs, NOW_MS, 'no step is after it, which needs no grid');
  }
  t.end();
});
