// Arguments of `dhalion manifests`.
import { InvalidArgumentError, type Command } from 'commander';

/** Of the process that the command is given in. */
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
    .description('print the Kubernetes objects that run the service with this configuration; asks no cluster')
    .requiredOption('--config.file <file>', 'configuration (YAML); the pod has it in a ConfigMap')
    .requiredOption('--image <image>', 'image of the container, as the nodes pull it')
    .option(
      '--name <name>',
      'name of all objects, and of the Secret with the files that the configuration names',
      'dhalion',
    )
    .option('--namespace <namespace>', 'where they are', 'default')
    .option(
      '--label <name=value>',
      'label that all objects have too, such as one that a Prometheus selects by; repeatable',
      addLabel,
      {},
    )
    .option('--replicas <n>', 'number of pods; more than one only with PostgreSQL', parseReplicas, 1)
    .option('--storage.size <size>', 'size of the volume for an action log that is a file', '1Gi')
    .option('--web.listen-address <host:port>', 'where to listen', '0.0.0.0:10017')
    .option(
      '--web.config.file <file>',
      'TLS and credentials of the HTTP server (YAML); goes into the Secret with its files',
    )
    .option('--web.allow-unauthenticated', 'let in everybody who reaches the pod')
    .option(
      '--topology-namespace <namespace>',
      'where the resources are that a webhook changes through the Kubernetes API, instead of --namespace; repeatable',
      addNamespace,
      [],
    )
    .option('--prometheus-operator', 'also print ServiceMonitor, PrometheusRule and AlertmanagerConfig')
    .option('--runbook-url <url>', "where the project's files are: the links of alerts to runbooks start there")
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
  if (name === undefined || value === undefined) throw new InvalidArgumentError('name=value is needed.');
  if (Object.hasOwn(labels, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...labels, [name]: value };
}

function addNamespace(namespace: string, others: readonly string[]): readonly string[] {
  return [...others, namespace];
}

function parseReplicas(text: string): number {
  if (!/^[1-9]\d*$/.test(text) || Number(text) > MAX_REPLICAS) {
    throw new InvalidArgumentError(`A whole number from 1 to ${MAX_REPLICAS} is needed.`);
  }
  return Number(text);
}
