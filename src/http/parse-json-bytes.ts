// Parses bytes as JSON, strictly in UTF-8. In a file of its own, so that a thread can use it without express.

/** A fault describes what is wrong with the body. */
export function parseJsonBytes(
  bytes: Uint8Array,
): { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'fault'; readonly because: string } {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return { kind: 'value', value };
  } catch (error) {
    return {
      kind: 'fault',
      because: `the body is not valid JSON in UTF-8: ${error instanceof Error ? error.message : ''}`,
    };
  }
}
