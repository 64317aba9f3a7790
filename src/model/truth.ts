// Three-valued (Kleene) logic. What was not measured is `unknown`, never `no`.

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

/** `no` if any is `no`, else `unknown` if any is `unknown`, else `yes`; of nothing: `yes`. */
export function and(...truths: readonly Truth[]): Truth {
  if (truths.includes('no')) return 'no';
  return truths.includes('unknown') ? 'unknown' : 'yes';
}

/** `yes` if any is `yes`, else `unknown` if any is `unknown`, else `no`; of nothing: `no`. */
export function or(...truths: readonly Truth[]): Truth {
  if (truths.includes('yes')) return 'yes';
  return truths.includes('unknown') ? 'unknown' : 'no';
}
