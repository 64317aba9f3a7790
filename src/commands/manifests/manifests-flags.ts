// The command line of `dhalion manifests` and its checks. Pure.
import { DhalionError } from '../../errors.js';
import { isLoopback, parseListenAddress } from '../../http/listen-address.js';
import { isDnsLabel } from '../../webhooks/dns-label.js';
import { selectorOf } from './installation.js';

export interface ManifestsFlags {
  readonly image: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly storageSize: string;
  /** Namespaces with the resources that webhooks scale through the Kubernetes API; empty: Dhalion's own. */
  readonly topologyNamespaces: readonly string[];
  readonly listenAddress: string;
  readonly webConfigFile: string | null;
  readonly allowUnauthenticated: boolean;
  /** Also print the kinds of the Prometheus operator. */
  readonly prometheusOperator: boolean;
  /** Base URL of the project's files; null: links to runbooks are paths. */
  readonly runbookUrl: string | null;
}

/** A Service has the strictest names: RFC 1035. */
const NAME = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_NAME = /^(?:[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/;
const SELECTOR_LABELS: ReadonlySet<string> = new Set(Object.keys(selectorOf({ name: '' })));
const IMAGE = /^[A-Za-z0-9][-./:@_A-Za-z0-9]*$/;
const SIZE = /^[1-9][0-9]*(?:Mi|Gi|Ti)$/;

/** Returns the port to listen on. Throws `DhalionError` manifests_refused, or listen_failed for an invalid address. */
export function checkFlags(flags: ManifestsFlags): number {
  const { name, image, storageSize, labels } = flags;
  refuseUnless(
    NAME.test(name),
    `--name=${name}: must start with a letter and have only lower-case letters, digits and -, at most 63`,
  );
  for (const [flag, namespaces] of [
    ['--namespace', [flags.namespace]],
    ['--topology-namespace', flags.topologyNamespaces],
  ] as const) {
    for (const namespace of namespaces) {
      refuseUnless(
        isDnsLabel(namespace),
        `${flag}=${namespace}: must have only lower-case letters, digits and -, at most 63`,
      );
    }
  }
  refuseUnless(IMAGE.test(image), `--image=${image}: not a valid image reference`);
  refuseUnless(
    SIZE.test(storageSize),
    `--storage.size=${storageSize}: must be a whole number of Mi, Gi or Ti, such as 1Gi`,
  );
  for (const [label, value] of Object.entries(labels)) {
    refuseUnless(
      LABEL_NAME.test(label) && LABEL_VALUE.test(value),
      `--label=${label}=${value}: not a valid Kubernetes label`,
    );
    refuseUnless(!SELECTOR_LABELS.has(label), `--label=${label}=${value}: this label is reserved for the selectors`);
  }
  return portOf(flags.listenAddress);
}

function portOf(text: string): number {
  const { host, port } = parseListenAddress(text);
  refuseUnless(port !== 0, `--web.listen-address=${text}: must have a port, for the Service`);
  refuseUnless(
    host !== 'localhost' && !isLoopback(host ?? ''),
    `--web.listen-address=${text}: a pod that listens on loopback only is unreachable, also for its probes`,
  );
  return port;
}

function refuseUnless(isRight: boolean, message: string): void {
  if (!isRight) throw refused(message);
}

export function refused(message: string): DhalionError {
  return new DhalionError('manifests_refused', message);
}
