// The state of the service, and whether the page is up to date.
import type { Readiness } from './api-types.js';
import { element, type ElementNode } from './page-node.js';
import { renderMark } from './pieces.js';
import { formatDistance } from './quantities.js';

/** live: receives events · polling: asks at intervals · lost: the last request was not answered. */
export type Freshness = 'connecting' | 'live' | 'polling' | 'lost';

const FRESHNESS_MARKS: Readonly<Record<Freshness, readonly [kind: string, glyph: string, word: string]>> = {
  connecting: ['unknown', '…', 'connecting'],
  live: ['well', '●', 'live'],
  polling: ['unknown', '○', 'reconnecting, polling'],
  lost: ['trouble', '▲', 'out of date'],
};

/** Screen readers announce a changed word, but not the seconds. */
export function renderFreshness(freshness: Freshness, refreshedAtMs: number | null, nowMs: number): ElementNode[] {
  return [
    element(
      'span',
      { role: 'status', key: 'freshness', 'data-freshness': freshness },
      renderMark(...FRESHNESS_MARKS[freshness]),
    ),
    element(
      'span',
      { class: 'quiet', key: 'age' },
      refreshedAtMs === null ? '' : `last update ${formatDistance(refreshedAtMs, nowMs)}`,
    ),
  ];
}

export interface AttentionInput {
  /** Why the last round of requests failed; null: it did not. */
  readonly fault: string | null;
  readonly readiness: Readiness | null;
  /** The result of the last order. */
  readonly notice: string;
}

/** Faults of the service come before all its data. */
export function renderAttention({ fault, readiness, notice }: AttentionInput): ElementNode {
  const isReady = readiness?.isReady ?? true;
  return element(
    'div',
    { key: 'attention', class: 'attention' },
    element('p', { role: 'status', key: 'notice', class: 'notice' }, notice),
    element(
      'div',
      { role: 'alert', key: 'fault' },
      fault !== null && element('p', { class: 'fault' }, `${fault} The page shows the last known state.`),
      !isReady &&
        element(
          'p',
          { class: 'fault' },
          element('strong', {}, 'Dhalion is not ready: it accepts no alerts and does not act. '),
          readiness?.lines.join(' '),
        ),
    ),
    isReady &&
      readiness !== null &&
      readiness.lines.length > 0 &&
      element(
        'ul',
        { class: 'warnings', key: 'warnings', 'aria-label': 'Warnings' },
        readiness.lines.map((line) => element('li', { dir: 'auto' }, `⚠ ${line}`)),
      ),
  );
}
