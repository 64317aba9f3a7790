// PURE: renders values and small vectors as PromQL, quoted so that no label value, name or pattern can end its literal.

/** A double-quoted PromQL string of any text. */
export function renderString(text: string): string {
  return `"${escapeString(text)}"`;
}

/** The inside of a double-quoted PromQL string. */
export function escapeString(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** An RE2 expression that matches exactly this text. */
export function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** @param durationMs above 0 */
export function renderDuration(durationMs: number): string {
  return durationMs % 1000 === 0 ? `${durationMs / 1000}s` : `${Math.ceil(durationMs)}ms`;
}

/** The vector with a label set to a constant on each of its series. */
export function renderLabelled(vector: string, label: string, value: string): string {
  // In the replacement `$` would start a reference to a capturing group.
  return `label_replace(${vector}, ${renderString(label)}, ${renderString(value.replaceAll('$', '$$$$'))}, "", "")`;
}

/** The union of vectors; nested as a balanced tree, because Prometheus walks a chain of `or` once for each of its links. */
export function renderUnion(vectors: readonly string[]): string {
  if (vectors.length <= 1) return vectors[0] ?? '';
  const middle = Math.ceil(vectors.length / 2);
  const [left, right] = [vectors.slice(0, middle), vectors.slice(middle)].map((half) =>
    half.length > 1 ? `(${renderUnion(half)})` : renderUnion(half),
  );
  return `${left ?? ''} or ${right ?? ''}`;
}
