// PURE: what came over the wire, as far as it can be looked into.

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object; null: the text is none. */
export function parseObject(text: string): JsonObject | null {
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : null;
}

/** A JSON array; null: the text is none. */
export function parseList(text: string): readonly unknown[] | null {
  const parsed = parseJson(text);
  return Array.isArray(parsed) ? parsed : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
