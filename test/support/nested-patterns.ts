// Patterns that make a backtracking engine try for ever, at random.
import fc from 'fast-check';

export const NESTED_PATTERN = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'a+', 'a*', '[ab]+', 'a?', '.*', 'ab?', '\\w*'), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('+', '*', '{1,20}', '+?'),
    fc.constantFrom('+', '*', '{2,}', '*?'),
    fc.constantFrom('', 'x', '$x', '\\b'),
  )
  .map(([pieces, inner, outer, end]) => `((${pieces.join('')})${inner}|${pieces.join('|')})${outer}${end}`);
