// Finds shell variables in addresses and paths: Dhalion does not expand them, and would use the text as it is.
import type { UnlocatedFault } from '../grammar/config-fault.js';
import { entriesOf, itemsOf, textOf, type DocumentPart } from '../grammar/document-part.js';

const PLACES = /(?:^|_)(?:url|path|file)$/;
const VARIABLE = /\$\{[A-Za-z_]\w*\}/;

/** Elsewhere such text is legitimate: in a pattern, a template, a query. */
export function findVariables(part: DocumentPart): UnlocatedFault[] {
  return [
    ...itemsOf(part).flatMap(findVariables),
    ...entriesOf(part).flatMap(([key, below]) => {
      const isOne = PLACES.test(key) && VARIABLE.test(textOf(below) ?? '');
      return isOne ? [{ path: below.path, message: 'must not hold a variable' }] : findVariables(below);
    }),
  ];
}
