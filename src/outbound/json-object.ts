// PURE: what came over the wire, as far as it can be looked into.

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object; null: the text is none. */
export function parseObject(text: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
