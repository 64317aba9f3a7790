import fc from 'fast-check';

/** Halves of surrogate pairs, which are no characters. */
const FIRST_HALF = 0xd800;
const HALVES = 0x800;
const LAST = 0x10ffff;

const codePoint = fc.integer({ min: 0, max: LAST - HALVES }).map(
  (index) => String.fromCodePoint(index < FIRST_HALF ? index : index + HALVES),
  (character) => {
    const at = (character as string).codePointAt(0) ?? 0;
    return at < FIRST_HALF ? at : at - HALVES;
  },
);

/**
 * Any Unicode text, as `fc.string({ unit: 'binary' })` has it. That one builds a table of a million characters in every process,
 * which takes half a second.
 */
export function anyString(constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}
