// What may be shown of an answer's body: the sender is not trusted with a terminal or a log.

const EXCERPT_LENGTH = 200;

/** The start of foreign text on one line; nothing in it can steer a terminal or forge a line of a log. What is cut ends in `…`. */
export function excerptOf(text: string, maxLength = EXCERPT_LENGTH): string {
  // A prefix first: the text may be megabytes long.
  const oneLine = text.slice(0, 4 * maxLength).replace(/[\p{C}\p{Z}\s]+/gu, ' ');
  const characters = Array.from(oneLine.trim());
  return characters.length > maxLength ? `${characters.slice(0, maxLength).join('')}…` : characters.join('');
}
