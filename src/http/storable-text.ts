// Text that every storage takes: without NUL and without half a surrogate pair.

/** For JSON Schema and for `RegExp` with the flag u. */
export const STORABLE_TEXT_PATTERN = '^[^\\u0000\\ud800-\\udfff]*$';

const storable = new RegExp(STORABLE_TEXT_PATTERN, 'u');

export function isStorableText(text: string): boolean {
  return storable.test(text);
}
