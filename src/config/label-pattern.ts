// The only place that compiles the user's patterns: RE2, as in Prometheus and Alertmanager, with matching time linear in the text.
// JavaScript's own expressions backtrack: one label value could block the service forever.
import { RE2JS, RE2JSException } from 're2js';

/** Matches whole label values. */
export interface LabelPattern {
  /** As it was written. */
  readonly source: string;
  test(text: string): boolean;
}

/** Throws where `patternProblem` finds a problem. */
export function createLabelPattern(pattern: string): LabelPattern {
  const matcher = compile(pattern);
  return { source: pattern, test: (text) => matcher.test(text) };
}

/** Matches this label value only. */
export function createLiteralPattern(text: string): LabelPattern {
  return { source: quotePattern(text), test: (other) => other === text };
}

/** An alternation of 4,000 names is shorter; a longer pattern takes seconds to compile. */
const MAX_PATTERN_LENGTH = 100_000;
/** Limit of instructions in the compiled pattern, which is also the limit of steps for each character of a label value. */
const MAX_PROGRAM_SIZE = 100_000;

/** Why the pattern cannot be used, in words; null: it can. */
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

/** Anchored as in Prometheus, where the dot also matches line ends. A text that is not an expression by itself must not become one. */
function compile(pattern: string): RE2JS {
  RE2JS.compile(pattern);
  return RE2JS.compile(`^(?s:${pattern})$`);
}
