// The rights that a configuration needs in the Kubernetes API through the pod's service account: a token, and rules. Pure.
import type { Configuration } from '../../config/configuration.js';
import type { HttpConfig } from '../../outbound/http-config.js';
import { webhookTypeOf } from '../../webhooks/webhook-types.js';
import type { KubernetesRule } from '../../webhooks/webhook-type.js';
import type { Access } from './installation.js';
import { refused, type ManifestsFlags } from './manifests-flags.js';
import { placeOf } from './placed-files.js';

/** A part of the configuration that makes calls. */
export interface Caller {
  /** `webhooks.scaler` */
  readonly key: string;
  readonly http: HttpConfig;
  /** Its rules for the Kubernetes API, as far as its type defines them. */
  readonly rules: readonly KubernetesRule[];
}

export interface AccessPlan {
  readonly access: Access;
  readonly warnings: readonly string[];
}

export function callersIn({ prometheus, webhooks }: Configuration): readonly Caller[] {
  return [
    { key: 'prometheus', http: prometheus.http, rules: [] },
    ...[...webhooks].map(([name, webhook]) => ({
      key: `webhooks.${name}`,
      http: webhook.http,
      rules: webhookTypeOf(webhook).kubernetesRules?.(webhook) ?? [],
    })),
  ];
}

/** Throws `DhalionError` manifests_refused if a namespace is given and no rule applies to it. */
export function planAccess(
  callers: readonly Caller[],
  { name, namespace, topologyNamespaces }: Pick<ManifestsFlags, 'name' | 'namespace' | 'topologyNamespaces'>,
): AccessPlan {
  // A call with other credentials gets its rights elsewhere, independent of the signer of the server's certificate.
  const own = callers.filter(({ http }) => credentialsOf(http).some(isOfServiceAccount));
  const hasToken = callers.some(({ http }) => filesOf(http).some(isOfServiceAccount));
  const rules = [...new Map(own.flatMap(({ rules }) => rules).map((rule) => [JSON.stringify(rule), rule])).values()];
  if (rules.length === 0 && topologyNamespaces.length > 0) {
    throw refused(
      "--topology-namespace: no webhook of the configuration uses the service account's token to change Kubernetes resources, so no Role is needed",
    );
  }
  const namespaces = topologyNamespaces.length > 0 ? [...new Set(topologyNamespaces)] : [namespace];
  return {
    access: { hasToken, rules, namespaces },
    warnings: own
      .filter(({ rules }) => rules.length === 0)
      .map(
        ({ key }) =>
          `${key} uses the service account's token for unknown resources: bind ServiceAccount ${name} to a role that allows the calls`,
      ),
  };
}

function isOfServiceAccount(file: string): boolean {
  return placeOf(file) === 'service_account';
}

function credentialsOf({ authorization, basicAuth }: HttpConfig): readonly string[] {
  return [authorization?.credentialsFile, basicAuth?.passwordFile].filter((file) => typeof file === 'string');
}

function filesOf(http: HttpConfig): readonly string[] {
  const { tls } = http;
  const files = [tls?.caFile, tls?.certFile, tls?.keyFile].filter((file) => typeof file === 'string');
  return [...credentialsOf(http), ...files];
}
