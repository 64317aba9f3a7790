// `dhalion backtest`: computes what the service would have concluded in the past. It reads Prometheus and writes reports; it opens
// no action log and calls no webhook.
import { HtmlReport } from '../../backtest-report/html-report.js';
import { JsonReport } from '../../backtest-report/json-report.js';
import { BacktestSummarizer, type BacktestSummary } from '../../backtest-report/backtest-summary.js';
import { countSteps, type BacktestRange } from '../../backtest-report/backtest-step.js';
import { renderSummaryTable } from '../../backtest-report/summary-table.js';
import type { Clock } from '../../clock.js';
import type { Configuration, WebhookRoutes } from '../../config/configuration.js';
import { createHttpClient } from '../../outbound/http-client.js';
import { createPrometheusClient } from '../../sensors/prometheus-client.js';
import { USER_AGENT } from '../../version.js';
import { findTopologyRules } from '../../control-loop/topology-rules.js';
import { renderOperator } from '../../http/json-views.js';
import { describeCauses } from '../../http/page/browser/size-words.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../../model/evaluation.js';
import type { ResolverName } from '../../model/resolver.js';
import { loadConfiguration } from '../load-configuration.js';
import { parseBacktestRange, type WrittenRange } from './backtest-range.js';
import { noHistoryFault } from './no-history.js';
import { createProgress } from './progress.js';
import { replayHistory } from './replay-history.js';

export interface BacktestOptions extends WrittenRange {
  readonly configFile: string;
  /** null: no file is written. */
  readonly jsonFile: string | null;
  readonly htmlFile: string | null;
  readonly clock: Clock;
  /** Where the progress bar goes; null: no bar. */
  readonly terminal: NodeJS.WriteStream | null;
  /** Columns of the output's terminal; null: the output is not a terminal. */
  readonly width?: number | null;
  /** Writes text; the text contains its line ends. */
  readonly write: (text: string) => void;
  /** Aborts when the user interrupts the command. */
  readonly signal: AbortSignal;
}

/**
 * Rejects with `DhalionError`: config_unreadable, config_invalid, backtest_range, no_history, output_failed, or the error of a failed
 * Prometheus query. A report is always written whole or not at all.
 */
export async function backtestCommand(options: BacktestOptions): Promise<void> {
  const configuration = await loadConfiguration(options.configFile);
  const range = parseBacktestRange(options, configuration, options.clock.now());
  const json = options.jsonFile === null ? null : await JsonReport.create(options.jsonFile, range);
  try {
    const html = options.htmlFile === null ? null : await HtmlReport.create(options.htmlFile, range);
    try {
      const summary = await runBacktest(options, configuration, range, { json, html });
      await json?.finish(summary.topologies);
      await html?.finish(summary);
      options.signal.throwIfAborted();
      await json?.publish();
      await html?.publish();
      options.write(renderSummaryTable(summary, options.width ?? null));
    } finally {
      await html?.close();
    }
  } finally {
    await json?.close();
  }
}

interface Reports {
  readonly json: JsonReport | null;
  readonly html: HtmlReport | null;
}

async function runBacktest(
  { clock, terminal, signal }: BacktestOptions,
  configuration: Configuration,
  range: BacktestRange,
  { json, html }: Reports,
): Promise<BacktestSummary> {
  const listed = configuration.topologies.map(({ name }) => name);
  const summarizer = new BacktestSummarizer(range, listed, {
    supports: supportOf(configuration),
    explain: explainSize,
  });
  const http = createHttpClient(configuration.prometheus.http, { userAgent: USER_AGENT });
  const progress = createProgress(terminal, countSteps(range));
  // A fault in one engine ends the pending queries of the others.
  const ended = new AbortController();
  try {
    const client = createPrometheusClient(configuration.prometheus, { http, clock });
    const replay = { configuration, client, range, signal: AbortSignal.any([signal, ended.signal]) };
    for await (const step of replayHistory(replay)) {
      summarizer.add(step);
      await json?.add(step);
      html?.add(step);
      progress.advance();
      signal.throwIfAborted();
    }
    const summary = summarizer.finish();
    const isEmpty = summary.topologies.every(({ topology }) => summarizer.unseen().includes(topology));
    if (isEmpty) throw await noHistoryFault({ configuration, http, range, nowMs: clock.now(), signal });
    return summary;
  } finally {
    ended.abort();
    progress.stop();
    http.close();
  }
}

/** Found once per topology: there may be thousands of topologies and many more steps. */
function supportOf(configuration: Configuration): (topology: string, resolver: ResolverName) => boolean {
  const routes = new Map<string, WebhookRoutes>();
  return (topology, resolver) => {
    const known = routes.get(topology) ?? findTopologyRules(configuration, topology)?.webhooks ?? {};
    routes.set(topology, known);
    return known[resolver] !== undefined;
  };
}

/** In the words of the status page and `explain`, without the marks that keep a name's direction on a page. */
function explainSize(operator: OperatorEvaluation, { flowLimit }: TopologyEvaluation): string | null {
  return (
    describeCauses(renderOperator(operator), flowLimit && { ...flowLimit })?.replace(/[\u2068\u2069]/g, '') ?? null
  );
}
