// The objects of the Prometheus operator that close the loop: the scrape of Dhalion, the shipped rules, the shipped route. Pure.
import { PORT_NAME } from './workload-objects.js';
import { alertmanagerSpec } from './alertmanager-spec.js';
import { metadataOf, selectorOf, type Installation, type KubernetesObject } from './installation.js';
import type { RuleGroup } from './rule-groups.js';
import { parseRoute } from './shipped-route.js';

const GROUP = 'monitoring.coreos.com';
/** Key in the Secret of the CA certificate of the server. */
export const AUTHORITY_KEY = 'ca.crt';

/** The shipped files, adapted to this installation. */
export interface ShippedMonitoring {
  /** One PrometheusRule each: its groups, by the suffix of its name. */
  readonly rules: ReadonlyMap<string, readonly RuleGroup[]>;
  /** The text of an Alertmanager configuration with a receiver `dhalion`. */
  readonly route: string;
}

export function monitoringObjects(installation: Installation, shipped: ShippedMonitoring): readonly KubernetesObject[] {
  const metadata = metadataOf(installation);
  const rules = [...shipped.rules].map(([suffix, groups]) => ({
    ...{ apiVersion: `${GROUP}/v1`, kind: 'PrometheusRule' },
    metadata: { ...metadata, name: installation.name + suffix },
    spec: { groups },
  }));
  return [
    { apiVersion: `${GROUP}/v1`, kind: 'ServiceMonitor', metadata, spec: serviceMonitorSpec(installation) },
    ...rules,
    {
      apiVersion: `${GROUP}/v1alpha1`,
      kind: 'AlertmanagerConfig',
      metadata,
      spec: alertmanagerSpec(parseRoute(shipped.route), {
        url: `${installation.web.scheme}://${serverNameOf(installation)}:${installation.web.port}/api/v1/alerts`,
        client: clientOf(installation),
      }),
    },
  ];
}

function serviceMonitorSpec(installation: Installation): Readonly<Record<string, unknown>> {
  return {
    // The job is called dhalion whatever the Service's name: DhalionDown matches it.
    jobLabel: 'app.kubernetes.io/name',
    selector: { matchLabels: selectorOf(installation) },
    endpoints: [
      {
        port: PORT_NAME,
        path: '/metrics',
        scheme: installation.web.scheme,
        interval: '15s',
        // A target label such as `namespace` must not overwrite a label of Dhalion's series.
        honorLabels: true,
        ...clientOf(installation),
      },
    ],
  };
}

/** How Prometheus and Alertmanager authenticate, and verify Dhalion. */
function clientOf(installation: Installation): Readonly<Record<string, unknown>> {
  const { name, web } = installation;
  return {
    ...(web.tokenKey === null ? {} : { authorization: { credentials: { name, key: web.tokenKey } } }),
    ...(web.scheme === 'http'
      ? {}
      : { tlsConfig: { ca: { secret: { name, key: AUTHORITY_KEY } }, serverName: serverNameOf(installation) } }),
  };
}

/** The Service's name, for which the certificate must be valid. */
export function serverNameOf({ name, namespace }: Pick<Installation, 'name' | 'namespace'>): string {
  return `${name}.${namespace}.svc`;
}
