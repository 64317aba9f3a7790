// Shortens very long names, such as a SQL plan, to fit a line: their ends distinguish them.
import stringWidth from 'string-width';

/** Width in columns of a terminal: wide characters count twice, combining accents not at all. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/**
 * The text in at most this many columns (Infinity: unchanged), its middle replaced by `…`: `Calc(select=[a…gg])` for a plan
 * of thousands of characters.
 * @param maxWidth at least 1
 */
export function shortenName(text: string, maxWidth: number): string {
  if (maxWidth === Infinity) return text;
  if (text.length <= MAX_MEASURED && widthOf(text) <= maxWidth) return text;
  const characters = graphemesOf(text.slice(0, MAX_MEASURED));
  const lastCharacters = text.length <= MAX_MEASURED ? characters : graphemesOf(text.slice(-MAX_MEASURED));
  const head = fitting(characters, Math.ceil((maxWidth - 1) / 2));
  const tail = fitting([...lastCharacters].reverse(), Math.floor((maxWidth - 1) / 2));
  return `${head.join('')}…${tail.reverse().join('')}`;
}

/** Only the ends of longer texts are measured. */
const MAX_MEASURED = 10_000;

function graphemesOf(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/** As many of them, from the first, as fit the width. */
function fitting(characters: readonly string[], maxWidth: number): string[] {
  let width = 0;
  const end = characters.findIndex((character) => (width += widthOf(character)) > maxWidth);
  return characters.slice(0, end < 0 ? characters.length : end);
}
