// A pause in words for a terminal.
import type { Pause } from '../../http/page/browser/api-types.js';
import { formatDistance } from '../../http/page/browser/quantities.js';
import { RESOLVER_WORDS } from '../../http/page/browser/words.js';
import { cleanText } from '../../clean-text.js';

/** `wordcount is paused, ends in 2 h: “upgrade”`, `everything is paused (scale down only), …`. */
export function describePause({ topology, resolver, reason, expires_at: expiresAt }: Pause, nowMs: number): string {
  const only = resolver === null ? '' : ` (${RESOLVER_WORDS[resolver]} only)`;
  const ends = formatDistance(Date.parse(expiresAt), nowMs);
  return `${nameOf(topology)} is paused${only}, ends ${ends}: “${cleanText(reason)}”`;
}

/** @param topology null: all topologies */
export function nameOf(topology: string | null): string {
  return topology === null ? 'everything' : cleanText(topology);
}
