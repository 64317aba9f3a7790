// Addresses and paths that hold a shell's variable: what is meant is not in the file, and would be looked for under that name.
import type { Finding } from '../grammar/config-fault.js';
import { entriesOf, itemsOf, textOf, type DocumentPart } from '../grammar/document-part.js';

const PLACES = /(?:^|_)(?:url|path|file)$/;
const VARIABLE = /\$\{[A-Za-z_]\w*\}/;

/** Anywhere else a text may hold what looks like one: a pattern, a template, a query. */
export function findVariables(part: DocumentPart): Finding[] {
  return [
    ...itemsOf(part).flatMap(findVariables),
    ...entriesOf(part).flatMap(([key, below]) => {
      const isOne = PLACES.test(key) && VARIABLE.test(textOf(below) ?? '');
      return isOne ? [{ path: below.path, message: 'must not hold a variable' }] : findVariables(below);
    }),
  ];
}
