// Makes text from others safe for a terminal.

/** Text from others on one line, without control sequences. Names need no isolation of their direction in a terminal. */
export function cleanText(text: string): string {
  return text
    .replace(/[\u2066-\u2069]/g, '')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
}
