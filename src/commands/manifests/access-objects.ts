// Dhalion's identity for the Kubernetes API, and its rights there. Pure.
import { metadataOf, type Installation, type KubernetesObject } from './installation.js';

const RBAC = 'rbac.authorization.k8s.io';

/** A Role in each namespace with topologies; only for webhooks that act through the API. */
export function accessObjects(installation: Installation): readonly KubernetesObject[] {
  const { name, namespace, access } = installation;
  const account: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(installation),
    automountServiceAccountToken: access.hasToken,
  };
  if (access.rules.length === 0) return [account];
  const roles = access.namespaces.flatMap((there): KubernetesObject[] => {
    const metadata = metadataOf(installation, there);
    return [
      { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules: access.rules },
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: RBAC, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ];
  });
  return [account, ...roles];
}
