// Whether a regular expression of the configuration can be used, in words.

/** null: JavaScript compiles it. */
export function regexProblem(pattern: string): string | null {
  try {
    matchWhole(pattern);
    return null;
  } catch (error) {
    // V8 repeats the expression, which the fault shows anyway.
    const reason = error instanceof Error ? (error.message.split(': ').at(-1) ?? '') : String(error);
    return `must be a regular expression: ${reason}`;
  }
}

/** null: nothing in it is known to JavaScript and unknown to RE2, which Prometheus uses. */
export function re2Problem(pattern: string): string | null {
  const bare = pattern.replace(/\\[^1-9k]/g, '');
  const isBackward = /\\[1-9k]/.test(bare);
  const isLooking = /\(\?<?[=!]/.test(bare);
  return isBackward || isLooking
    ? 'must be a regular expression that Prometheus (RE2) knows: no look-around, no back-references'
    : null;
}

/** The expression for a whole text; as in Prometheus, the dot matches line ends. Throws SyntaxError. */
export function matchWhole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 's');
}

/** The expression that matches this text only. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
