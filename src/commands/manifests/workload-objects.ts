// The objects that run Dhalion: Deployment, Service, ConfigMap and, if the action log is a file, a volume claim. Pure.
import { createHash } from 'node:crypto';
import { metadataOf, selectorOf, type Installation, type KubernetesObject } from './installation.js';
import { CONFIG_FOLDER, CONFIG_NAME } from './placed-files.js';

/** The user `node` of the image. */
const USER_ID = 1000;
const DATA_FOLDER = '/data';
export const PORT_NAME = 'http';

export function workloadObjects(installation: Installation): readonly KubernetesObject[] {
  const { storage, configuration } = installation;
  const metadata = metadataOf(installation);
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [CONFIG_NAME]: configuration } },
    ...(storage.kind === 'volume'
      ? [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata,
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: storage.size } } },
          },
        ]
      : []),
    serviceOf(installation),
    deploymentOf(installation),
  ];
}

function serviceOf(installation: Installation): KubernetesObject {
  const { storage, web } = installation;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(installation),
    spec: {
      selector: selectorOf(installation),
      ports: [{ name: PORT_NAME, port: web.port, targetPort: PORT_NAME }],
      // With one replica no other could answer; its own answer says what is not ready.
      ...(storage.kind === 'volume' ? { publishNotReadyAddresses: true } : {}),
    },
  };
}

function deploymentOf(installation: Installation): KubernetesObject {
  const { name, replicas, storage, configuration, access } = installation;
  const labels = { ...installation.labels, ...selectorOf(installation) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(installation),
    spec: {
      replicas,
      selector: { matchLabels: selectorOf(installation) },
      // Only one process can use the log's folder: the next pod starts after the last one has ended.
      strategy: { type: storage.kind === 'volume' ? 'Recreate' : 'RollingUpdate' },
      template: {
        metadata: { labels, annotations: { 'dhalion/configuration-digest': digestOf(configuration) } },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: access.hasToken,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: USER_ID,
            runAsGroup: USER_ID,
            fsGroup: USER_ID,
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [containerOf(installation)],
          volumes: volumesOf(installation),
        },
      },
    },
  };
}

/** A changed configuration restarts the pod: nothing else would make it read the change. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function containerOf({ image, storage, web }: Installation): Readonly<Record<string, unknown>> {
  const probe = (path: string): object => ({
    httpGet: { path, port: PORT_NAME, scheme: web.scheme.toUpperCase() },
    timeoutSeconds: 5,
  });
  return {
    name: 'dhalion',
    image,
    args: [
      'serve',
      `--config.file=${CONFIG_FOLDER}/${CONFIG_NAME}`,
      `--web.listen-address=${web.listenAddress}`,
      ...(web.configFile === null ? [] : [`--web.config.file=${web.configFile}`]),
      ...(web.allowUnauthenticated ? ['--web.allow-unauthenticated'] : []),
      ...(storage.kind === 'volume' ? [`--storage.path=${DATA_FOLDER}`] : []),
    ],
    ports: [{ name: PORT_NAME, containerPort: web.port }],
    // Dhalion does not listen while it migrates the log of an older version.
    startupProbe: { ...probe('/-/healthy'), periodSeconds: 5, failureThreshold: 60 },
    livenessProbe: { ...probe('/-/healthy'), periodSeconds: 20, failureThreshold: 3 },
    readinessProbe: { ...probe('/-/ready'), periodSeconds: 10, failureThreshold: 3 },
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      ...(storage.kind === 'volume' ? [{ name: 'data', mountPath: DATA_FOLDER }] : []),
    ],
  };
}

function volumesOf({ name, files, storage }: Installation): readonly object[] {
  const secret = { secret: { name, items: files.map(({ key, path }) => ({ key, path })) } };
  const sources = [
    { configMap: { name, items: [{ key: CONFIG_NAME, path: CONFIG_NAME }] } },
    ...(files.length > 0 ? [secret] : []),
  ];
  return [
    // Only the pod's group can read the secrets. A rotated one arrives within a minute and is read again at its next use.
    { name: 'config', projected: { defaultMode: 0o440, sources } },
    { name: 'tmp', emptyDir: {} },
    ...(storage.kind === 'volume' ? [{ name: 'data', persistentVolumeClaim: { claimName: name } }] : []),
  ];
}
