// What `dhalion manifests` prints, as a reader of YAML 1.1 sees it, which Kubernetes is.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { manifestsCommand, type ManifestsOptions } from '../../src/commands/manifests/manifests-command.js';
import type { RuleGroup } from '../../src/commands/manifests/rule-groups.js';
import { folderFor, type Lifetime } from './real-parts.js';

export interface PrintedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> };
  readonly [field: string]: unknown;
}

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly securityContext: object;
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme: string };
}

interface Source {
  readonly name: string;
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

interface Pod {
  readonly metadata: { readonly labels: Record<string, string>; readonly annotations: Record<string, string> };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: object;
    readonly containers: readonly [Container];
    readonly volumes: readonly {
      readonly name: string;
      readonly projected?: { readonly sources: readonly { readonly configMap?: Source; readonly secret?: Source }[] };
      readonly persistentVolumeClaim?: { readonly claimName: string };
      readonly emptyDir?: object;
    }[];
  };
}

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly type: string };
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly template: Pod;
  };
}

interface Service {
  readonly spec: {
    readonly selector: Record<string, string>;
    readonly ports: readonly [{ readonly name: string; readonly port: number; readonly targetPort: string }];
  };
}

interface Client {
  readonly authorization?: { readonly credentials: { readonly name: string; readonly key: string } };
  readonly tlsConfig?: object;
}

interface ServiceMonitor {
  readonly spec: {
    readonly jobLabel: string;
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly endpoints: readonly [
      Client & { readonly port: string; readonly path: string; readonly honorLabels: boolean },
    ];
  };
}

export interface AlertmanagerConfig {
  readonly spec: {
    readonly route: {
      readonly receiver: string;
      readonly matchers: readonly { readonly name: string; readonly matchType: string; readonly value: string }[];
      readonly groupBy: readonly string[];
      readonly groupWait: string;
      readonly groupInterval: string;
      readonly repeatInterval: string;
    };
    readonly receivers: readonly {
      readonly name: string;
      readonly webhookConfigs: readonly {
        readonly url: string;
        readonly sendResolved: boolean;
        readonly maxAlerts: number;
        readonly httpConfig?: Client;
      }[];
    }[];
  };
}

/** As far as the tests look into them. */
export interface Kinds {
  readonly ServiceAccount: { readonly automountServiceAccountToken: boolean };
  readonly Role: { readonly rules: readonly object[] };
  readonly RoleBinding: object;
  readonly ConfigMap: { readonly data: Record<string, string> };
  readonly PersistentVolumeClaim: { readonly spec: object };
  readonly Secret: object;
  readonly Service: Service;
  readonly Deployment: Deployment;
  readonly ServiceMonitor: ServiceMonitor;
  readonly PrometheusRule: { readonly spec: { readonly groups: readonly RuleGroup[] } };
  readonly AlertmanagerConfig: AlertmanagerConfig;
}

export interface Printed {
  readonly text: string;
  readonly objects: readonly PrintedObject[];
  readonly warnings: readonly string[];
  /** Of these kinds, in their order. */
  of<Kind extends keyof Kinds>(kind: Kind): readonly (PrintedObject & Kinds[Kind])[];
  /** The one of this kind; throws if there is another number of them. */
  the<Kind extends keyof Kinds>(kind: Kind): PrintedObject & Kinds[Kind];
}

/** @param configuration the text of dhalion.yml; other options are those of the command's defaults, open to everybody */
export async function print(
  t: Lifetime,
  configuration: string,
  options: Partial<ManifestsOptions> = {},
): Promise<Printed> {
  const configFile = join(await folderFor(t), 'dhalion.yml');
  await writeFile(configFile, configuration);
  let text = '';
  const warnings: string[] = [];
  await manifestsCommand({
    ...{ configFile, image: 'registry.example/dhalion:0.1.0', name: 'dhalion', namespace: 'streams', labels: {} },
    ...{ replicas: 1, storageSize: '1Gi', topologyNamespaces: [], prometheusOperator: false, runbookUrl: null },
    ...{
      listenAddress: '0.0.0.0:10017',
      webConfigFile: null,
      allowUnauthenticated: options.webConfigFile === undefined,
    },
    write: (part) => (text += part),
    warn: (line) => warnings.push(line),
    ...options,
  });
  const objects = objectsOf(text, '1.1');
  const of: Printed['of'] = <Kind extends keyof Kinds>(kind: Kind) =>
    objects.filter((object): object is PrintedObject & Kinds[Kind] => object.kind === kind);
  return {
    ...{ text, objects, warnings, of },
    the: (kind) => {
      const [first, ...others] = of(kind);
      if (first === undefined || others.length > 0) throw new Error(`not one object of kind ${kind}`);
      return first;
    },
  };
}

export function objectsOf(text: string, version: '1.1' | '1.2'): readonly PrintedObject[] {
  return parseAllDocuments(text, { version }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const object = document.toJS() as PrintedObject | null;
    return object === null ? [] : [object];
  });
}
