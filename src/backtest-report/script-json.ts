// PURE: a value ⇒ JSON for the inside of a script element, which nothing in it can end.
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
