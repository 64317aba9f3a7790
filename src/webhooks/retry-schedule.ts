// PURE: when a failed call is repeated: exponential backoff with full jitter, never before the receiver's Retry-After, within
// max_attempts and expires_at. The attempts come from the action log, so a restart resets nothing.

/** Upper bound of the first wait, ms; doubled with every attempt. */
export const BACKOFF_BASE_MS = 1000;
export const BACKOFF_CAP_MS = 30_000;

export interface RetrySituation {
  /** Attempts so far, including those before a restart; at least 1. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** From the last answer; null: it has no Retry-After. */
  readonly retryAfterMs: number | null;
  readonly nowMs: number;
  readonly expiresAtMs: number;
  /** 0 ≤ r < 1. */
  readonly random: () => number;
}

/**
 * The wait until the next attempt, ms: `retryAfterMs + r × min(30 s, 1 s × 2^(attempts − 1))` (third attempt failed, r = 0.5,
 * no Retry-After: 2 s). `exhausted`: no attempt is left; `expired`: the next one would come at or after `expiresAtMs`.
 */
export function nextAttemptDelayMs(situation: RetrySituation): { readonly delayMs: number } | 'exhausted' | 'expired' {
  const { attempts, maxAttempts, retryAfterMs, nowMs, expiresAtMs, random } = situation;
  if (attempts >= maxAttempts) return 'exhausted';
  const ceilingMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempts - 1));
  // Added to Retry-After: clients with the same Retry-After must not come back in the same second.
  const delayMs = (retryAfterMs ?? 0) + random() * ceilingMs;
  return nowMs + delayMs >= expiresAtMs ? 'expired' : { delayMs };
}
