// What no schema can say about a webhook of type flink_operator: that its URL is an API server's address, and that a name is not taken
// from the label of something else.
import type { Finding } from '../../grammar/config-fault.js';
import { isGiven, partAt, textOf, type DocumentPart } from '../../grammar/document-part.js';
import { findBaseUrlFaults } from '../../grammar/http-config-checks.js';
import type { FlinkResourceKind } from './flink-operator-settings.js';

export function findFlinkOperatorFaults(webhook: DocumentPart): Finding[] {
  return [...urlFaults(partAt(webhook, 'url')), ...labelFaults(webhook)];
}

function urlFaults(url: DocumentPart): Finding[] {
  if (/\{[{%]/.test(textOf(url) ?? '')) {
    const message =
      "must not be templated: it is the Kubernetes API server's address; namespace_label and name_label say where the resource is";
    return [{ path: url.path, message }];
  }
  return findBaseUrlFaults(
    url,
    "must end with its path: the Kubernetes API server's address, such as https://kubernetes.default.svc",
  );
}

function labelFaults(webhook: DocumentPart): Finding[] {
  const [resource, name, namespace] = ['resource', 'name_label', 'namespace_label'].map((key) => partAt(webhook, key));
  if (resource === undefined || name === undefined || namespace === undefined) return [];
  const sessionJobs: FlinkResourceKind = 'flinksessionjobs';
  if (resource.value === sessionJobs && !isGiven(name)) {
    const message = "needs name_label: the label app names a session job's cluster, not the job";
    return [{ path: resource.path, message }];
  }
  const isSame = textOf(name) !== null && textOf(name) === (textOf(namespace) ?? 'namespace');
  return isSame ? [{ path: name.path, message: 'must be another label than that of the namespace' }] : [];
}
