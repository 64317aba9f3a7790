// `dhalion manifests`: prints the Kubernetes objects that run Dhalion with a configuration. It contacts no cluster.
import { readFile } from 'node:fs/promises';
import { describePermissions } from '../../config/describe-permissions.js';
import { parseConfiguration } from '../../config/parse-configuration.js';
import { DhalionError } from '../../errors.js';
import { renderFaults } from '../../grammar/config-fault.js';
import { BUILT_IN_ENGINES } from '../../sensors/engines/built-in-engines.js';
import { readNamed } from '../load-configuration.js';
import { renderAlertRules, SHIPPED_ALERTS } from '../rules/render-alert-rules.js';
import { renderRoute } from '../rules/render-route.js';
import { parseBase, SHIPPED_DHALION_URL } from '../rules/rule-settings.js';
import { routeTimes, ruleTimes } from '../rules/rule-times.js';
import { accessObjects } from './access-objects.js';
import type { Installation, KubernetesObject } from './installation.js';
import { checkFlags, refused, type ManifestsFlags } from './manifests-flags.js';
import { monitoringObjects, type ShippedMonitoring } from './monitoring-objects.js';
import { describeLoopback } from './loopback-urls.js';
import { callersIn, planAccess } from './plan-access.js';
import { placeOf, UNPLACED, type PlacedFile } from './placed-files.js';
import { renderObjects } from './render-objects.js';
import { parseGroups } from './rule-groups.js';
import { readWeb } from './web-files.js';
import { workloadObjects } from './workload-objects.js';

export interface ManifestsOptions extends ManifestsFlags {
  readonly configFile: string;
  /** Writes text; the text contains its line ends. */
  readonly write: (text: string) => void;
  /** Writes one line for people, without a line end. */
  readonly warn: (line: string) => unknown;
}

/** The same path from src/ and from dist/. */
const RULES_FOLDER = new URL('../../../rules/', import.meta.url);
const ALERTS = 'dhalion-alerts.yml';
/** Two files have the same rule names: an installation with one engine needs only one. */
const RECORDINGS = ['recording-flink', 'recording-heron'];
const ROUTE = 'alertmanager-example.yml';
/** The limit of an API object; less than etcd's. */
const MAX_CONFIGURATION_BYTES = 1_000_000;

/** Rejects with `DhalionError` config_invalid, config_unreadable or manifests_refused; then it has written nothing. */
export async function manifestsCommand(options: ManifestsOptions): Promise<void> {
  const { installation, warnings } = await planInstallation(options);
  const objects: KubernetesObject[] = [...accessObjects(installation), ...workloadObjects(installation)];
  if (options.prometheusOperator) {
    objects.push(...monitoringObjects(installation, await readShipped(installation)));
  }
  for (const warning of warnings) options.warn(warning);
  options.write(renderObjects(objects, installation, options.prometheusOperator));
}

interface Plan {
  readonly installation: Installation;
  readonly warnings: readonly string[];
}

async function planInstallation(options: ManifestsOptions): Promise<Plan> {
  const { name, namespace, labels, image, replicas, storageSize, configFile } = options;
  const port = checkFlags(options);
  const text = await readNamed(configFile, 'the configuration');
  const { configuration, places } = parsePlaced(text, configFile);
  const web = readWeb(options, port);
  const usesPostgres = configuration.storage.postgresUrlFile !== null;
  if (replicas > 1 && !usesPostgres) {
    throw refused(
      `--replicas=${replicas} needs storage.postgres_url_file: only one process can use an action log in a folder`,
    );
  }
  const files = distinctFiles([...places.filter((place) => place !== 'service_account'), ...web.files]);
  const { access, warnings } = planAccess(callersIn(configuration), options);
  const installation: Installation = {
    ...{ name, namespace, labels, image, replicas, files, access },
    configuration: text,
    evaluationIntervalMs: configuration.evaluationIntervalMs,
    permissions: describePermissions(configuration),
    runbookBase: options.runbookUrl === null ? '' : `${parseBase('--runbook-url', options.runbookUrl)}/`,
    grafanaBase: configuration.links.grafana ?? '',
    usesRecordedSeries: configuration.engines.has('recorded'),
    storage: usesPostgres ? { kind: 'postgres' } : { kind: 'volume', size: storageSize },
    web: web.web,
  };
  return { installation, warnings: [...describeLoopback(configuration), ...warnings] };
}

/** With the path in the pod of every named file. */
function parsePlaced(text: string, configFile: string) {
  if (Buffer.byteLength(text) > MAX_CONFIGURATION_BYTES) {
    throw refused(
      `the configuration ${configFile} is too large for a ConfigMap: more than ${MAX_CONFIGURATION_BYTES} bytes`,
    );
  }
  const places: (PlacedFile | 'service_account')[] = [];
  const result = parseConfiguration(text, {
    builtInEngines: BUILT_IN_ENGINES,
    fileExists: (path) => {
      const place = placeOf(path);
      if (place !== null) places.push(place);
      return place !== null;
    },
    unusableFile: UNPLACED,
  });
  if ('configuration' in result) return { configuration: result.configuration, places };
  throw new DhalionError('config_invalid', renderFaults(result, configFile).join('\n'));
}

/** Each file once, ordered by path. */
function distinctFiles(files: readonly PlacedFile[]): readonly PlacedFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const inOrder = [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  for (const { path, key } of inOrder) {
    const other = inOrder.find((file) => file.path !== path && file.key === key);
    if (other !== undefined)
      throw refused(`the files ${path} and ${other.path} would both have the key ${key} in the Secret`);
  }
  return inOrder;
}

async function readShipped(installation: Installation): Promise<ShippedMonitoring> {
  const { namespace, evaluationIntervalMs, usesRecordedSeries, runbookBase, grafanaBase } = installation;
  const read = (file: string): Promise<string> => readFile(new URL(file, RULES_FOLDER), 'utf8');
  const alerts = renderAlertRules(await read(ALERTS), {
    ...SHIPPED_ALERTS,
    times: ruleTimes(evaluationIntervalMs, null),
    // By default the Prometheus operator routes to an AlertmanagerConfig only alerts from the same namespace.
    labels: { namespace },
    ...{ runbookBase, grafanaBase },
  });
  const rules = new Map([['', parseGroups(alerts)]]);
  for (const recording of usesRecordedSeries ? RECORDINGS : []) {
    rules.set(`-${recording}`, parseGroups(await read(`${recording}.yml`)));
  }
  const times = routeTimes(evaluationIntervalMs);
  return { rules, route: renderRoute(await read(ROUTE), { times, dhalionUrl: SHIPPED_DHALION_URL }) };
}
