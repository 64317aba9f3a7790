// Checks that the file's patterns for label values can be used.
import type { CheckContext } from './check-context.js';
import type { UnlocatedFault } from '../grammar/config-fault.js';
import { partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import { patternProblem } from './label-pattern.js';

export function findAlertFaults({ root }: CheckContext): UnlocatedFault[] {
  return patternFaults(partAt(root, 'alerts', 'alertname'));
}

/** For one place that takes a pattern. */
export function patternFaults(part: DocumentPart): UnlocatedFault[] {
  const pattern = textOf(part);
  const problem = pattern === null ? null : patternProblem(pattern);
  return problem === null ? [] : [{ path: part.path, message: problem }];
}
