// What no schema can say about a webhook of type flink.
import type { Finding } from '../../grammar/config-fault.js';
import { partAt, textOf, type DocumentPart } from '../../grammar/document-part.js';
import { findBaseUrlFaults } from '../../grammar/http-config-checks.js';

export function findFlinkFaults(webhook: DocumentPart): Finding[] {
  const url = partAt(webhook, 'url');
  if (/\{[{%]/.test(textOf(url) ?? '')) {
    const message = "must not be templated: the JobManager's address; job and vertex come from labels";
    return [{ path: url.path, message }];
  }
  return findBaseUrlFaults(url, "must end with its path: the JobManager's address, such as http://127.0.0.1:8081");
}
