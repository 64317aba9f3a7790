// Arguments of `dhalion manifests`.
import { InvalidArgumentError, type Command } from 'commander';

/** Of the process that runs the command. */
export interface ManifestsSurroundings {
  readonly writeOut: (text: string) => unknown;
  readonly writeError: (text: string) => unknown;
}

interface Flags {
  readonly 'config.file': string;
  readonly image: string;
  readonly name: string;
  readonly namespace: string;
  readonly label: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly 'storage.size': string;
  readonly 'web.listenAddress': string;
  readonly 'web.config.file'?: string;
  readonly 'web.allowUnauthenticated'?: boolean;
  readonly topologyNamespace: readonly string[];
  readonly prometheusOperator?: boolean;
  readonly runbookUrl?: string;
}

const MAX_REPLICAS = 10;

export function addManifests(program: Command, { writeOut, writeError }: ManifestsSurroundings): void {
  program
    .command('manifests')
    .description('print the Kubernetes objects that run the service with this configuration; contacts no cluster')
    .requiredOption('--config.file <file>', 'configuration (YAML); printed as a ConfigMap')
    .requiredOption('--image <image>', 'container image, as the nodes pull it')
    .option(
      '--name <name>',
      'name of all objects, and of the Secret with the files named in the configuration',
      'dhalion',
    )
    .option('--namespace <namespace>', 'namespace of all objects', 'default')
    .option(
      '--label <name=value>',
      'additional label of all objects, such as one that a Prometheus selects by; repeatable',
      addLabel,
      {},
    )
    .option('--replicas <n>', 'number of pods; more than one only with PostgreSQL', parseReplicas, 1)
    .option('--storage.size <size>', 'volume size, if the action log is a file', '1Gi')
    .option('--web.listen-address <host:port>', 'where to listen', '0.0.0.0:10017')
    .option(
      '--web.config.file <file>',
      'TLS and credentials of the HTTP server (YAML); goes into the Secret, with its files',
    )
    .option('--web.allow-unauthenticated', 'accept requests without credentials')
    .option(
      '--topology-namespace <namespace>',
      'namespace of the resources that a webhook changes through the Kubernetes API (default: --namespace); repeatable',
      addNamespace,
      [],
    )
    .option('--prometheus-operator', 'also print ServiceMonitor, PrometheusRule and AlertmanagerConfig')
    .option('--runbook-url <url>', "base URL of the project's files, for the alerts' links to runbooks")
    .action(async (flags: Flags) => {
      const { manifestsCommand } = await import('./manifests-command.js');
      await manifestsCommand({
        configFile: flags['config.file'],
        image: flags.image,
        name: flags.name,
        namespace: flags.namespace,
        labels: flags.label,
        replicas: flags.replicas,
        storageSize: flags['storage.size'],
        listenAddress: flags['web.listenAddress'],
        webConfigFile: flags['web.config.file'] ?? null,
        allowUnauthenticated: flags['web.allowUnauthenticated'] ?? false,
        topologyNamespaces: flags.topologyNamespace,
        prometheusOperator: flags.prometheusOperator ?? false,
        runbookUrl: flags.runbookUrl ?? null,
        write: writeOut,
        warn: (line) => writeError(`dhalion: warning: ${line}\n`),
      });
    });
}

function addLabel(text: string, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Expected name=value.');
  if (Object.hasOwn(labels, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...labels, [name]: value };
}

function addNamespace(namespace: string, others: readonly string[]): readonly string[] {
  return [...others, namespace];
}

function parseReplicas(text: string): number {
  if (!/^[1-9]\d*$/.test(text) || Number(text) > MAX_REPLICAS) {
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_REPLICAS}.`);
  }
  return Number(text);
}
