// Small charts of each operator's series over the last hours, with the actions marked on them; also in words, with links for a
// closer look.
import type { HistoryRange, HistorySeries } from '../../../model/operator-history.js';
import { describeEnd } from './action-pieces.js';
import type { Action, History, Topology } from './api-types.js';
import { element, type Child, type ElementNode } from './page-node.js';
import { renderName } from './pieces.js';
import { formatNumber, formatShare, quoteName } from './quantities.js';
import { BOX, digest, drawSparkline, placeOf, type Digest } from './sparkline.js';
import { BAD_OUTCOMES, GOOD_OUTCOMES, RESOLVER_WORDS } from './words.js';

/** The answers so far. */
export interface ShownHistory {
  /** null: none yet. */
  readonly history: History | null;
  /** Why the service did not answer; null: it did, or the answer is pending. */
  readonly fault: string | null;
}

export interface HistoryInput {
  readonly shown: ShownHistory | null;
  /** The newest actions of all topologies. */
  readonly actions: readonly Action[];
}

export const RANGE_WORDS: Readonly<Record<HistoryRange, string>> = {
  '10m': '10 min',
  '1h': 'hour',
  '6h': '6 hours',
  '24h': '24 hours',
};

type OperatorHistory = History['operators'][number];

interface Kind {
  readonly title: string;
  readonly isStepped: boolean;
  /** Distance from the upper edge. */
  readonly top: (digest: Digest) => number;
  readonly format: (value: number) => string;
}

const KINDS: Readonly<Record<HistorySeries, Kind>> = {
  parallelism: { title: 'Parallelism', isStepped: true, top: ({ max }) => max, format: formatNumber },
  processing_rate: {
    title: 'Rate',
    isStepped: false,
    top: ({ max }) => max,
    format: (value) => `${formatNumber(value)}/s`,
  },
  suspended_ratio: { title: 'Suspended', isStepped: false, top: () => 1, format: formatShare },
};
const SERIES = Object.keys(KINDS) as readonly HistorySeries[];
const RANGES = Object.keys(RANGE_WORDS) as readonly HistoryRange[];

export function isRange(name: string | undefined): name is HistoryRange {
  return RANGES.some((range) => range === name);
}

export function renderHistory({ topology, operators }: Topology, { shown, actions }: HistoryInput): ElementNode {
  const history = shown?.history ?? null;
  const of = quoteName(topology);
  const because = shown?.fault ?? history?.unknown_because ?? null;
  const marks = history === null ? [] : marksOf(history, topology, actions);
  return element(
    'section',
    { class: 'history', 'aria-label': `History of ${of}`, 'data-history-of': topology, 'data-range': history?.range },
    element(
      'div',
      { class: 'history-head' },
      element('h4', {}, history === null ? 'History' : `The last ${RANGE_WORDS[history.range]}`),
      history !== null &&
        element(
          'span',
          { class: 'quiet' },
          `${timeOfDay(history.from, history.range)} to ${timeOfDay(history.to, history.range)}`,
        ),
      history !== null && renderRanges(history.range, of),
      history !== null && renderTopologyLinks(history, of),
    ),
    because !== null && element('p', { class: 'remark unread' }, `The history is unavailable: ${because}`),
    history === null && because === null && element('p', { class: 'quiet' }, 'Loading the history from Prometheus…'),
    history !== null &&
      history.unknown_because === null &&
      element(
        'ul',
        { class: 'histories' },
        operators.map(({ operator }) => renderOperator(operator, history, marks)),
      ),
  );
}

function renderRanges(chosen: HistoryRange, of: string): ElementNode {
  return element(
    'span',
    { class: 'ranges', role: 'group', 'aria-label': `How far back, ${of}` },
    RANGES.map((range) =>
      element(
        'button',
        { type: 'button', 'data-range': range, 'aria-pressed': range === chosen ? 'true' : 'false' },
        RANGE_WORDS[range],
      ),
    ),
  );
}

function renderTopologyLinks({ grafana, alertmanager, prometheus }: History, of: string): Child {
  return element(
    'span',
    { class: 'links' },
    renderLink(grafana, 'Grafana', `the dashboard of ${of}`),
    renderLink(alertmanager, 'Alerts', `of ${of} in Alertmanager`),
    renderLink(prometheus, 'When they fired', `the alerts of ${of} in Prometheus`),
  );
}

/** Opens in another window, so that this page remains open. */
function renderLink(address: string | null, words: string, about: string): Child {
  if (address === null) return null;
  return element(
    'a',
    { href: address, target: '_blank', rel: 'noreferrer', 'aria-label': `${words}: ${about}` },
    words,
  );
}

/** Actions within the charts, by operator. The page may have a newer state of one than the history. */
function marksOf(history: History, topology: string, actions: readonly Action[]): readonly Action[] {
  const known = new Map([...history.actions, ...actions].map((action) => [action.id, action]));
  return [...known.values()]
    .filter((action) => action.topology === topology && placeOfAction(action, history) !== null)
    .sort((a, b) => Date.parse(a.claimed_at) - Date.parse(b.claimed_at));
}

/** An action that began after the last point is at the right edge. */
function placeOfAction({ claimed_at: at }: Action, { from, to, step_seconds: step }: History): number | null {
  const [atMs, fromMs, toMs] = [Date.parse(at), Date.parse(from), Date.parse(to)];
  return placeOf(atMs > toMs && atMs - toMs <= 2000 * step ? toMs : atMs, fromMs, toMs);
}

function renderOperator(operator: string, history: History, all: readonly Action[]): ElementNode {
  const recorded = history.operators.find((one) => one.operator === operator);
  const marks = all.filter(({ operators }) => operators.some((asked) => asked.operator === operator));
  return element(
    'li',
    { key: operator, 'data-history-of-operator': operator },
    element(
      'div',
      { class: 'of-whom' },
      renderName(operator),
      recorded !== undefined &&
        renderLink(recorded.alertmanager, 'Alerts', `of ${quoteName(operator)} in Alertmanager`),
    ),
    recorded === undefined
      ? element('p', { class: 'unknown-value' }, 'Prometheus has no data about it for this time.')
      : SERIES.map((series) => renderFigure(series, recorded, { history, marks })),
    marks.length > 0 && renderMarks(operator, history.range, marks),
    recorded !== undefined && renderPromql(recorded),
  );
}

interface FigureInput {
  readonly history: History;
  readonly marks: readonly Action[];
}

function renderFigure(series: HistorySeries, recorded: OperatorHistory, { history, marks }: FigureInput): ElementNode {
  const { title, isStepped, top } = KINDS[series];
  const points = recorded[series];
  const found = digest(points);
  const words = describeDigest(series, found);
  const operator = quoteName(recorded.operator);
  const { width, height } = BOX;
  const { line, area, gaps } = drawSparkline(points, found === null ? 1 : top(found), isStepped);
  return element(
    'figure',
    { 'data-series': series, 'data-last': found?.last ?? 'null' },
    element(
      'figcaption',
      {},
      element('span', {}, title),
      renderLink(recorded.grafana[series], 'Grafana', `${title} of ${operator}`),
      renderLink(recorded.prometheus[series], 'Prometheus', `${title} of ${operator}`),
    ),
    element(
      'svg',
      {
        class: 'sparkline',
        role: 'img',
        viewBox: `0 0 ${width} ${height}`,
        'aria-label': `${title} of ${operator} over the last ${RANGE_WORDS[history.range]}: ${words}`,
      },
      gaps.map(({ x, width: wide }) => element('rect', { class: 'gap', x, y: 0, width: wide, height })),
      area !== '' && element('path', { class: 'area', d: area }),
      line !== '' && element('path', { class: 'line', d: line }),
      marks.map((action) => renderMark(action, history)),
    ),
    element('p', { class: found === null ? 'unknown-value' : 'quiet', 'data-field': `${series}.words` }, words),
  );
}

/** `1 to 4, last 4`, and the unknown share. */
export function describeDigest(series: HistorySeries, found: Digest | null): string {
  if (found === null) return 'not known';
  const { format } = KINDS[series];
  const { min, max, last, unknown } = found;
  const [least, most, newest] = [format(min), format(max), format(last)];
  const numbers = least === most ? newest : `${least} to ${most}, last ${newest}`;
  return unknown === 0 ? numbers : `${numbers}; ${formatShare(unknown)} not known`;
}

/** open · good · bad · other: shown by colour and line style; the list below has the words. */
function kindOf({ outcome, state }: Action): string {
  if (outcome === null) return state === 'judged' ? 'other' : 'open';
  if (GOOD_OUTCOMES.includes(outcome)) return 'good';
  return BAD_OUTCOMES.includes(outcome) ? 'bad' : 'other';
}

function renderMark(action: Action, history: History): ElementNode {
  const x = placeOfAction(action, history) ?? 0;
  const at = timeOfDay(action.claimed_at, history.range);
  return element(
    'g',
    { key: action.id, class: `action ${kindOf(action)}`, 'data-action-mark': action.id },
    element('title', {}, `${at} ${RESOLVER_WORDS[action.resolver]}: ${endOf(action)}`),
    element('path', { d: `M${x} 0V${BOX.height}` }),
    element('path', { class: 'head', d: `M${x - 4} 0h8l-4 6z` }),
  );
}

function renderMarks(operator: string, range: HistoryRange, marks: readonly Action[]): ElementNode {
  return element(
    'ul',
    { class: 'action-list', 'aria-label': `Actions on ${quoteName(operator)}` },
    marks.map((action) => {
      const asked = action.operators.find((one) => one.operator === operator);
      return element(
        'li',
        { key: action.id, class: kindOf(action), 'data-marked-action': action.id },
        element(
          'time',
          { datetime: action.claimed_at, title: new Date(action.claimed_at).toLocaleString() },
          timeOfDay(action.claimed_at, range),
        ),
        ` ${RESOLVER_WORDS[action.resolver]}`,
        asked !== undefined &&
          asked.current_parallelism !== asked.desired_parallelism &&
          ` ${asked.current_parallelism} → ${asked.desired_parallelism}`,
        ': ',
        endOf(action),
      );
    }),
  );
}

function endOf(action: Action): string {
  if (action.dry_run) return 'a dry run, without a call';
  return describeEnd(action) ?? (action.state === 'claimed' ? 'its call is due' : 'it settles');
}

/** In the time zone of the viewer. */
function timeOfDay(iso: string, range: HistoryRange): string {
  const seconds = range === '10m' ? ({ second: '2-digit' } as const) : {};
  return new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...seconds }).format(
    new Date(iso),
  );
}

function renderPromql({ operator, promql }: OperatorHistory): ElementNode {
  return element(
    'details',
    { class: 'promql' },
    element('summary', { 'aria-label': `PromQL of ${quoteName(operator)}` }, 'PromQL'),
    SERIES.map((series) =>
      element('p', {}, `${KINDS[series].title}: `, element('code', { dir: 'ltr' }, promql[series])),
    ),
  );
}
