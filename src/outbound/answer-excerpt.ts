// What may be shown of an answer's body: whoever answers is not trusted with a terminal or a log.

const EXCERPT_LENGTH = 200;

/** The start of an answer's body on one line; nothing in it can steer a terminal or forge a line of a log. */
export function excerptOf(body: string): string {
  const oneLine = body.slice(0, 4 * EXCERPT_LENGTH).replace(/[\p{C}\p{Z}\s]+/gu, ' ');
  return Array.from(oneLine.trim()).slice(0, EXCERPT_LENGTH).join('');
}
