// Checks of a webhook of type flink_operator that a schema cannot express: the URL is an API server's address, and the labels of namespace
// and name are different ones.
import type { UnlocatedFault } from '../../grammar/config-fault.js';
import { isGiven, partAt, textOf, type DocumentPart } from '../../grammar/document-part.js';
import { findBaseUrlFaults } from '../../grammar/http-config-checks.js';
import type { FlinkResourceKind } from './flink-operator-settings.js';

export function findFlinkOperatorFaults(webhook: DocumentPart): UnlocatedFault[] {
  return [...urlFaults(partAt(webhook, 'url')), ...labelFaults(webhook)];
}

function urlFaults(url: DocumentPart): UnlocatedFault[] {
  if (/\{[{%]/.test(textOf(url) ?? '')) {
    const message =
      "must not be a template: it is the Kubernetes API server's address; namespace_label and name_label name the resource";
    return [{ path: url.path, message }];
  }
  return findBaseUrlFaults(
    url,
    "must end with its path: the Kubernetes API server's address, such as https://kubernetes.default.svc",
  );
}

function labelFaults(webhook: DocumentPart): UnlocatedFault[] {
  const [resource, name, namespace] = ['resource', 'name_label', 'namespace_label'].map((key) => partAt(webhook, key));
  if (resource === undefined || name === undefined || namespace === undefined) return [];
  const sessionJobs: FlinkResourceKind = 'flinksessionjobs';
  if (resource.value === sessionJobs && !isGiven(name)) {
    const message = "needs name_label: the label app is the name of a session job's cluster, not of the job";
    return [{ path: resource.path, message }];
  }
  const isSame = textOf(name) !== null && textOf(name) === (textOf(namespace) ?? 'namespace');
  return isSame ? [{ path: name.path, message: 'must differ from namespace_label' }] : [];
}
