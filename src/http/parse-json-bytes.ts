// Bytes ⇒ JSON, strictly in UTF-8. Apart from the rest of what a body must be, since a thread that needs this needs no express.

/** A fault says what is wrong with the body, in words. */
export function parseJsonBytes(
  bytes: Uint8Array,
): { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'fault'; readonly because: string } {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return { kind: 'value', value };
  } catch (error) {
    return {
      kind: 'fault',
      because: `the body is not JSON in UTF-8: ${error instanceof Error ? error.message : ''}`,
    };
  }
}
