// Three-valued (Kleene) logic. An unmeasured value is `unknown`, never `no`.

export const TRUTHS = ['yes', 'no', 'unknown'] as const;
export type Truth = (typeof TRUTHS)[number];

/** `undefined` and `null` mean that the statement could not be evaluated. */
export function truthOf(statement: boolean | null | undefined): Truth {
  if (statement === null || statement === undefined) return 'unknown';
  return statement ? 'yes' : 'no';
}

export function not(truth: Truth): Truth {
  if (truth === 'unknown') return 'unknown';
  return truth === 'yes' ? 'no' : 'yes';
}

/** `no` if any is `no`, else `unknown` if any is `unknown`, else `yes`; `yes` for an empty list. */
export function and(...truths: readonly Truth[]): Truth {
  if (truths.includes('no')) return 'no';
  return truths.includes('unknown') ? 'unknown' : 'yes';
}

/** `yes` if any is `yes`, else `unknown` if any is `unknown`, else `no`; `no` for an empty list. */
export function or(...truths: readonly Truth[]): Truth {
  if (truths.includes('yes')) return 'yes';
  return truths.includes('unknown') ? 'unknown' : 'no';
}
