// The only place where a pattern of the user's is compiled: RE2, as Prometheus and Alertmanager have it, matched in time linear
// in the text. JavaScript's own expressions backtrack, and would let one label value stop the service for good.
import { RE2JS, RE2JSException } from 're2js';

/** Matches whole label values. */
export interface LabelPattern {
  /** As it was written. */
  readonly source: string;
  test(text: string): boolean;
}

/** Throws where `patternProblem` has something to say. */
export function createLabelPattern(pattern: string): LabelPattern {
  const matcher = compile(pattern);
  return { source: pattern, test: (text) => matcher.test(text) };
}

/** Matches this label value only. */
export function createLiteralPattern(text: string): LabelPattern {
  return { source: quotePattern(text), test: (other) => other === text };
}

/** An alternative of 4,000 names is shorter; what is longer takes seconds to compile. */
const MAX_PATTERN_LENGTH = 100_000;
/** Instructions it compiles to. Matching takes at most as many steps for each character of a label value. */
const MAX_PROGRAM_SIZE = 100_000;

/** Why it cannot be used, in words; null: it can. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return `must be a regular expression of at most ${MAX_PATTERN_LENGTH} characters; it has ${pattern.length}`;
  }
  try {
    return compile(pattern).programSize() > MAX_PROGRAM_SIZE
      ? 'must be a smaller regular expression: its repetitions multiply to more than can be matched in reasonable time'
      : null;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error.message.replace('error parsing regexp: ', '');
    return `must be a regular expression that Prometheus (RE2) knows: ${reason}`;
  }
}

/** The pattern that matches this text only. */
export function quotePattern(text: string): string {
  return RE2JS.quote(text);
}

/** As Prometheus anchors it; there, too, the dot matches line ends. What is no expression by itself must not become one. */
function compile(pattern: string): RE2JS {
  RE2JS.compile(pattern);
  return RE2JS.compile(`^(?s:${pattern})$`);
}
