// The page of a backtest, one self-contained file: it fetches nothing, and runs only the script that its policy names.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { renderDuration } from '../grammar/duration.js';
import { escapeHtml } from '../escape-html.js';
import { VERSION } from '../version.js';
import type { BacktestSummary, OperatorSummary, TopologySummary } from './backtest-summary.js';
import {
  isSymptom,
  STATES,
  TRUTH_BITS,
  type HistoryBuckets,
  type OperatorBuckets,
  type StateName,
} from './history-buckets.js';
import { plotsOf, type PlotData } from './page-plots.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import { scriptJson } from './script-json.js';
import { renderStateBand } from './state-band.js';
import {
  ACTIONS_NOTE,
  describeAction,
  describeActionOperator,
  describeActions,
  describeGaps,
  describeRange,
  describeTopology,
  describeUnlisted,
  renderShare,
  SUMMARY_COLUMNS,
  summaryRow,
} from './summary-words.js';

/** @param bucketsOf by topology */
export function* renderPage(
  summary: BacktestSummary,
  bucketsOf: (topology: string) => OperatorBuckets,
): Generator<string> {
  yield renderHead(summary);
  for (const [index, topology] of summary.topologies.entries()) {
    yield `<section aria-labelledby="t${index}">\n<h2 id="t${index}">${escapeHtml(topology.topology)}</h2>\n`;
    yield renderTopology(topology, summary);
    const buckets = bucketsOf(topology.topology);
    for (const operator of topology.operators) {
      const ofOperator = buckets.get(operator.operator);
      if (ofOperator !== undefined) yield renderOperator(operator, ofOperator, { summary, sync: `s${index}` });
    }
    yield '</section>\n';
  }
  yield renderFoot(summary);
}

function renderHead(summary: BacktestSummary): string {
  const { script, style } = assets();
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; base-uri 'none'; form-action 'none'`;
  const links = summary.topologies.map(
    ({ topology }, index) => `<li><a href="#t${index}">${escapeHtml(topology)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="dhalion ${VERSION}">
<title>Dhalion backtest</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Dhalion backtest</h1>
<p>${escapeHtml(describeRange(summary))}.</p>
<p class="quiet">The conclusions of the service at each of these instants. It did not act: each step is judged by the
actual parallelism, so a recommendation does not build upon earlier ones. Times are UTC.</p>
${links.length > 1 ? `<nav aria-label="Topologies"><ul>${links.join('')}</ul></nav>` : ''}
<p class="quiet">${KEY}</p>
</header>
<main>
`;
}

const KEY = (['yes', 'unknown', 'no'] as const)
  .map((truth) => {
    const band = renderStateBand(new Uint8Array([TRUTH_BITS[truth]]), truth).replace('class="band"', 'class="key"');
    return `<span class="symptom">${band}</span><span>${truth}</span>`;
  })
  .join(' ');

function renderTopology(topology: TopologySummary, { stepMs, steps }: BacktestSummary): string {
  const [first, ...columns] = SUMMARY_COLUMNS;
  const head = [first, ...columns].map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const rows = topology.operators.map((operator) => {
    const [name, ...cells] = summaryRow(operator);
    return `<tr><th scope="row">${escapeHtml(name ?? '')}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
  });
  const gaps = describeGaps(topology, stepMs).map((gap) => `<li>${escapeHtml(gap)}</li>`);
  const label = `Summary of ${escapeHtml(topology.topology)}`;
  return `<p>${escapeHtml(describeTopology(topology, steps))}.</p>
${gaps.length === 0 ? '' : `<ul class="gaps">${gaps.join('')}</ul>`}
<div class="scroll" role="region" tabindex="0" aria-label="${label}"><table class="summary"><thead><tr>${head}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>
${renderActions(topology, stepMs)}`;
}

function renderActions({ topology, actions }: TopologySummary, stepMs: number): string {
  if (actions.count === 0) return `<p>${describeActions(actions)}.</p>\n`;
  const unlisted = describeUnlisted(actions);
  const rows = actions.listed.map((action) => {
    const operators = action.operators.map(
      (operator) =>
        `<li><b>${escapeHtml(operator.operator)}</b> ${escapeHtml(describeActionOperator(operator, stepMs))}</li>`,
    );
    return `<li>${escapeHtml(describeAction(action))}<ul>${operators.join('')}</ul></li>`;
  });
  const label = `What it would have done to ${escapeHtml(topology)}`;
  return `<p>${describeActions(actions)}. <span class="quiet">${ACTIONS_NOTE}</span></p>
<div class="scroll actions" role="region" tabindex="0" aria-label="${label}"><ol>${rows.join('\n')}</ol>
${unlisted === null ? '' : `<p class="quiet">${unlisted}.</p>`}</div>
`;
}

interface OperatorPlace {
  readonly summary: BacktestSummary;
  /** Plots that share a cursor. */
  readonly sync: string;
}

function renderOperator(operator: OperatorSummary, buckets: HistoryBuckets, { summary, sync }: OperatorPlace): string {
  const plots = plotsOf(buckets, summary.fromMs, summary.stepMs);
  const states = STATES.map((name) => ({ name, bits: buckets.states(name) }));
  const shown = states.filter(({ bits }) => bits.some((bit) => (bit & (TRUTH_BITS.yes | TRUTH_BITS.unknown)) !== 0));
  const never = states.filter((state) => !shown.includes(state)).map(({ name }) => name);
  return `<div class="operator">
<h3>${escapeHtml(operator.operator)}</h3>
<div class="plots">${plots.map((plot) => renderPlot(plot, operator.operator, sync)).join('')}</div>
<h4>Symptoms and diagnoses</h4>
<div class="states">${shown.map(({ name, bits }) => renderState(name, bits)).join('')}</div>
${never.length === 0 ? '' : `<p class="quiet">Throughout no: ${never.join(', ')}.</p>`}
</div>
`;
}

function renderPlot(plot: PlotData, operator: string, sync: string): string {
  const labels = plot.series.map(({ label }) => label).join(', ');
  const label = `${plot.title} of ${operator}: ${labels}, over time`;
  return `<figure data-sync="${sync}"><figcaption>${plot.title}</figcaption>
<div class="plot" role="group" aria-label="${escapeHtml(label)}"></div>
<script type="application/json">${scriptJson({ series: plot.series, data: plot.data })}</script></figure>
`;
}

function renderState(name: StateName, states: Uint8Array): string {
  const shareOf = (bit: number): string => {
    const present = states.filter((bits) => bits !== 0);
    const share = renderShare(present.filter((bits) => (bits & bit) !== 0).length, present.length);
    return share === '–' ? 'never' : share;
  };
  const words = escapeHtml(`yes ${shareOf(TRUTH_BITS.yes)}, unknown ${shareOf(TRUTH_BITS.unknown)}`);
  return `<div class="state ${isSymptom(name) ? 'symptom' : 'diagnosis'}"><span class="name">${name}</span>
<span class="share">${words}</span>${renderStateBand(states, `${name}: ${words}`)}</div>
`;
}

function renderFoot(summary: BacktestSummary): string {
  const range = [summary.fromMs / 1000, (summary.toMs + summary.stepMs) / 1000];
  return `</main>
<footer class="quiet"><p>Dhalion ${VERSION}, a step every ${renderDuration(summary.stepMs)}. A plot or band of more steps than it has points shows
the extremes of each stretch; a stretch shows a state that held at any of its steps, so its share may be above that in the table. A discovered topology that is gone has no
steps. Operator-hours are those of its instances, over the steps at which both numbers are known.</p></footer>
<script type="application/json" id="range">${JSON.stringify(range)}</script>
<script>${assets().script}</script>
</body>
</html>
`;
}

interface Assets {
  readonly script: string;
  readonly style: string;
}

let loaded: Assets | null = null;

/** uPlot as its package ships it, and the page's own style and script. */
function assets(): Assets {
  const resolve = (file: string): string => createRequire(import.meta.url).resolve(`uplot/dist/${file}`);
  loaded ??= {
    script: `${readFileSync(resolve('uPlot.iife.min.js'), 'utf8')}\n${PAGE_SCRIPT}`,
    style: `${readFileSync(resolve('uPlot.min.css'), 'utf8')}\n${PAGE_STYLE}`,
  };
  return loaded;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
