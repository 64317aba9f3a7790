import t from 'tap';
import { BacktestSummarizer } from '../../src/backtest-report/backtest-summary.js';
import { HistoryBuckets } from '../../src/backtest-report/history-buckets.js';
import { renderPage } from '../../src/backtest-report/render-page.js';
import { NO_SYMPTOMS, operatorEvaluation, topologyEvaluation } from '../support/evaluations.js';

void t.test('the description of a state is escaped text, in its element and in the label of its band', (t) => {
  const steps = 200;
  const summarizer = new BacktestSummarizer({ fromMs: 0, toMs: (steps - 1) * 60_000, stepMs: 60_000 }, []);
  const buckets = new HistoryBuckets('map', steps, 1);
  for (let step = 0; step < steps; step += 1) {
    const symptoms = { ...NO_SYMPTOMS, backpressure: step === 7 ? 'yes' : 'no' } as const;
    const operator = operatorEvaluation('map', { symptoms });
    buckets.add(step, operator);
    summarizer.add({ atMs: step * 60_000, evaluations: [topologyEvaluation('job', [operator])] });
  }
  const page = [...renderPage(summarizer.finish(), () => new Map([['map', buckets]]))].join('');
  t.match(page, '<span class="share">yes &lt; 1 %, unknown never</span>');
  t.match(page, 'aria-label="backpressure: yes &lt; 1 %, unknown never"');
  t.notMatch(page, /[^\d&]< 1 %/);
  t.end();
});
