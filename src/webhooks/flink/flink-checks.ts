// What no schema can say about a webhook of type flink: what of its URL may be built from labels, and that this is bounded.
import type { Finding } from '../../grammar/config-fault.js';
import { isGiven, itemsOf, partAt, textOf, type DocumentPart } from '../../grammar/document-part.js';
import { findBaseUrlFaults } from '../../grammar/http-config-checks.js';
import { canMatch, isBuiltUrl, parseHostTemplate, withSample } from './flink-url.js';

export function findFlinkFaults(webhook: DocumentPart): Finding[] {
  const url = partAt(webhook, 'url');
  const allowed = partAt(webhook, 'allowed_hosts');
  const written = textOf(url);
  if (written !== null && isBuiltUrl(written)) return builtUrlFaults(url.path, written, allowed);
  const message = 'means nothing for a url whose host is not built from labels';
  return [
    ...findBaseUrlFaults(url, "must end with its path: the JobManager's address, such as http://127.0.0.1:8081"),
    ...(written === null || !isGiven(allowed) ? [] : [{ path: allowed.path, message, isAboutKey: true }]),
  ];
}

function builtUrlFaults(path: Finding['path'], url: string, allowed: DocumentPart): Finding[] {
  const template = parseHostTemplate(url);
  if (template === null) {
    const message =
      "must be templated in its host alone, by {{ labels.NAME }}: it is the JobManager's address; job and vertex come from labels";
    return [{ path, message }];
  }
  if (!isGiven(allowed)) {
    const message = 'must not be templated without allowed_hosts: it says which hosts the labels may lead to';
    return [{ path, message }];
  }
  const unsound = findBaseUrlFaults({ path, value: withSample(url, 'label') }, '');
  const idle = itemsOf(allowed).filter((pattern) => !canMatch(template, textOf(pattern) ?? ''));
  return [
    ...unsound,
    ...idle.flatMap((pattern) =>
      textOf(pattern) === null ? [] : [{ path: pattern.path, message: 'matches no host that url can have' }],
    ),
  ];
}
