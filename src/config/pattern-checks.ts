// Whether the patterns of the file can be used; a pattern is written where a label's value is to be recognised.
import type { CheckContext } from './check-context.js';
import type { Finding } from '../grammar/config-fault.js';
import { partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import { patternProblem } from './label-pattern.js';

export function findAlertFaults({ root }: CheckContext): Finding[] {
  return patternFaults(partAt(root, 'alerts', 'alertname'));
}

/** Of one place where a pattern may stand. */
export function patternFaults(part: DocumentPart): Finding[] {
  const pattern = textOf(part);
  const problem = pattern === null ? null : patternProblem(pattern);
  return problem === null ? [] : [{ path: part.path, message: problem }];
}
