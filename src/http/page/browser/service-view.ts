// How the service itself is, and whether the page is up to date.
import type { Readiness } from './api-types.js';
import { element, type ElementNode } from './page-node.js';
import { renderMark } from './pieces.js';
import { formatDistance } from './quantities.js';

/** live: told of changes · polling: asks every now and then · lost: the last question was not answered. */
export type Freshness = 'connecting' | 'live' | 'polling' | 'lost';

const FRESHNESS_MARKS: Readonly<Record<Freshness, readonly [kind: string, glyph: string, word: string]>> = {
  connecting: ['unknown', '…', 'connecting'],
  live: ['well', '●', 'live'],
  polling: ['unknown', '○', 'reconnecting, asking every few seconds'],
  lost: ['trouble', '▲', 'out of date'],
};

/** The word is announced when it changes; the seconds are not. */
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
  /** Why the last round of questions failed; null: it did not. */
  readonly fault: string | null;
  readonly readiness: Readiness | null;
  /** What came of the last order. */
  readonly notice: string;
}

/** What is wrong with the service comes before everything that it says. */
export function renderAttention({ fault, readiness, notice }: AttentionInput): ElementNode {
  const isReady = readiness?.isReady ?? true;
  return element(
    'div',
    { key: 'attention', class: 'attention' },
    element('p', { role: 'status', key: 'notice', class: 'notice' }, notice),
    element(
      'div',
      { role: 'alert', key: 'fault' },
      fault !== null && element('p', { class: 'fault' }, `${fault} What is shown is as it was last seen.`),
      !isReady &&
        element(
          'p',
          { class: 'fault' },
          element('strong', {}, 'Dhalion is not ready: it takes no alerts and does not act. '),
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
