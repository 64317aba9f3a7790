// What others wrote, for a terminal.

/** Text of others on one line: nothing in it steers the terminal, and names need no isolation of their direction there. */
export function cleanText(text: string): string {
  return text
    .replace(/[\u2066-\u2069]/g, '')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
}
