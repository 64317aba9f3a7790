// PURE: a value ⇒ JSON for the inside of a script element; nothing in it can end the element.
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
