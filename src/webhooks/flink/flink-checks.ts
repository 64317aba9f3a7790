// Checks of a webhook of type flink that a schema cannot express: which part of its URL may have labels, and that the hosts are limited.
import type { UnlocatedFault } from '../../grammar/config-fault.js';
import { isGiven, itemsOf, partAt, textOf, type DocumentPart } from '../../grammar/document-part.js';
import { findBaseUrlFaults } from '../../grammar/http-config-checks.js';
import { canMatch, isBuiltUrl, parseHostTemplate, withSample } from './flink-url.js';

export function findFlinkFaults(webhook: DocumentPart): UnlocatedFault[] {
  const url = partAt(webhook, 'url');
  const allowed = partAt(webhook, 'allowed_hosts');
  const written = textOf(url);
  if (written !== null && isBuiltUrl(written)) return builtUrlFaults(url.path, written, allowed);
  const message = 'has no effect: the host of url has no labels';
  return [
    ...findBaseUrlFaults(url, "must end with its path: the JobManager's address, such as http://127.0.0.1:8081"),
    ...(written === null || !isGiven(allowed) ? [] : [{ path: allowed.path, message, isAboutKey: true }]),
  ];
}

function builtUrlFaults(path: UnlocatedFault['path'], url: string, allowed: DocumentPart): UnlocatedFault[] {
  const template = parseHostTemplate(url);
  if (template === null) {
    const message =
      "may have {{ labels.NAME }} in its host only: it is the JobManager's address; job and vertex come from labels";
    return [{ path, message }];
  }
  if (!isGiven(allowed)) {
    const message = 'must not have labels without allowed_hosts, which limits the hosts';
    return [{ path, message }];
  }
  const unsound = findBaseUrlFaults({ path, value: withSample(url, 'label') }, '');
  const idle = itemsOf(allowed).filter((pattern) => !canMatch(template, textOf(pattern) ?? ''));
  return [
    ...unsound,
    ...idle.flatMap((pattern) =>
      textOf(pattern) === null ? [] : [{ path: pattern.path, message: 'matches no possible host of url' }],
    ),
  ];
}
