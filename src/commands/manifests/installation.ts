// The checked and completed input of `dhalion manifests`, from which all objects are built.
import type { KubernetesRule } from '../../webhooks/webhook-type.js';
import type { PlacedFile } from './placed-files.js';

/** An object of the Kubernetes API. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Installation {
  /** Labels of every object. */
  readonly name: string;
  readonly namespace: string;
  /** Labels of every object, in addition to those that name Dhalion. */
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly replicas: number;
  /** The configuration's text as the user wrote it. */
  readonly configuration: string;
  readonly evaluationIntervalMs: number;
  /** Its permissions, one sentence each. */
  readonly permissions: readonly string[];
  /** Prefixes of links to runbooks and to dashboards; may be empty. */
  readonly runbookBase: string;
  readonly grafanaBase: string;
  /** True if a topology is measured by recorded series. */
  readonly usesRecordedSeries: boolean;
  /** Files from the Secret. */
  readonly files: readonly PlacedFile[];
  readonly storage: Storage;
  readonly web: Web;
  readonly access: Access;
}

/** The action log: a file on a volume of this size, or an external database. */
export type Storage = { readonly kind: 'volume'; readonly size: string } | { readonly kind: 'postgres' };

export interface Web {
  /** `0.0.0.0:10017` */
  readonly listenAddress: string;
  readonly port: number;
  /** Path in the pod of the file of `--web.config.file`. */
  readonly configFile: string | null;
  readonly allowUnauthenticated: boolean;
  readonly scheme: 'http' | 'https';
  /** Key in the Secret of the token that Prometheus and Alertmanager send. */
  readonly tokenKey: string | null;
}

/** The pod's rights in the Kubernetes API. */
export interface Access {
  /** True if the pod has its service account's token. The CA certificate comes with it. */
  readonly hasToken: boolean;
  readonly rules: readonly KubernetesRule[];
  /** The namespaces with a Role. */
  readonly namespaces: readonly string[];
}

/** The selectors' labels. A Deployment's selector is immutable, so nothing that may change is here. */
export function selectorOf({ name }: Pick<Installation, 'name'>): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'dhalion', 'app.kubernetes.io/instance': name };
}

/** Metadata of an object, in Dhalion's namespace unless another is given. */
export function metadataOf(
  installation: Installation,
  namespace = installation.namespace,
): KubernetesObject['metadata'] {
  return { name: installation.name, namespace, labels: { ...installation.labels, ...selectorOf(installation) } };
}
