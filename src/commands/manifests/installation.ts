// What `dhalion manifests` was asked for, checked and made whole: all that the objects are made of.
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
  /** Of every object. */
  readonly name: string;
  readonly namespace: string;
  /** Of every object, beside those that name Dhalion. */
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly replicas: number;
  /** The configuration's text as the user wrote it. */
  readonly configuration: string;
  readonly evaluationIntervalMs: number;
  /** What it may do, a sentence each. */
  readonly permissions: readonly string[];
  /** What links to runbooks and to dashboards start with; may be empty. */
  readonly runbookBase: string;
  readonly grafanaBase: string;
  /** Whether a topology is measured by recorded series. */
  readonly usesRecordedSeries: boolean;
  /** From the Secret. */
  readonly files: readonly PlacedFile[];
  readonly storage: Storage;
  readonly web: Web;
  readonly access: Access;
}

/** The action log: a file on a volume of this size, or a database elsewhere. */
export type Storage = { readonly kind: 'volume'; readonly size: string } | { readonly kind: 'postgres' };

export interface Web {
  /** `0.0.0.0:10017` */
  readonly listenAddress: string;
  readonly port: number;
  /** Path in the pod of the file for `--web.config.file`. */
  readonly configFile: string | null;
  readonly allowUnauthenticated: boolean;
  readonly scheme: 'http' | 'https';
  /** In the Secret, of the token that Prometheus and Alertmanager show. */
  readonly tokenKey: string | null;
}

/** What the pod may ask of the Kubernetes API. */
export interface Access {
  /** Whether the pod has its service account's token, which comes with the authority's certificate. */
  readonly hasToken: boolean;
  readonly rules: readonly KubernetesRule[];
  /** Where the rules hold. */
  readonly namespaces: readonly string[];
}

/** What the selectors select by, and nothing that may change later: a Deployment's selector cannot. */
export function selectorOf({ name }: Pick<Installation, 'name'>): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'dhalion', 'app.kubernetes.io/instance': name };
}

/** Of an object in Dhalion's namespace, unless another is given. */
export function metadataOf(
  installation: Installation,
  namespace = installation.namespace,
): KubernetesObject['metadata'] {
  return { name: installation.name, namespace, labels: { ...installation.labels, ...selectorOf(installation) } };
}
