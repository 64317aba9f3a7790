// For tests of clocks: answers of a server whose clock is ahead of ours, or behind.

export const NOW_MS = 1_750_000_000_400;

/** An answer of a server whose clock is so far ahead, which takes `toMs` to get there and `fromMs` to come back. */
export function answerTo(askedAtMs: number, skewMs: number, more: Record<string, string> = {}, toMs = 5, fromMs = 5) {
  const date = new Date(Math.floor((askedAtMs + toMs + skewMs) / 1000) * 1000).toUTCString();
  const headers = new Map(Object.entries({ date, ...more }));
  return { answer: { headers }, askedAtMs, answeredAtMs: askedAtMs + toMs + fromMs };
}
