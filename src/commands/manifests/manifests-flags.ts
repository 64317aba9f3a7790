// What the command line of `dhalion manifests` may say. Pure.
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
  /** Where webhooks that act through the Kubernetes API find what they scale; none: where Dhalion is. */
  readonly topologyNamespaces: readonly string[];
  readonly listenAddress: string;
  readonly webConfigFile: string | null;
  readonly allowUnauthenticated: boolean;
  /** Print the kinds of the Prometheus operator too. */
  readonly prometheusOperator: boolean;
}

/** A Service has the strictest names of all: RFC 1035. */
const NAME = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_NAME = /^(?:[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?)?$/;
const SELECTOR_LABELS: ReadonlySet<string> = new Set(Object.keys(selectorOf({ name: '' })));
const IMAGE = /^[A-Za-z0-9][-./:@_A-Za-z0-9]*$/;
const SIZE = /^[1-9][0-9]*(?:Mi|Gi|Ti)$/;

/** The port to listen on. Throws `DhalionError` manifests_refused, or listen_failed for an address that is none. */
export function checkFlags(flags: ManifestsFlags): number {
  const { name, image, storageSize, labels } = flags;
  refuseUnless(NAME.test(name), `--name=${name}: must be lower-case letters, digits and -, a letter first, at most 63`);
  for (const [flag, namespaces] of [
    ['--namespace', [flags.namespace]],
    ['--topology-namespace', flags.topologyNamespaces],
  ] as const) {
    for (const namespace of namespaces) {
      refuseUnless(isDnsLabel(namespace), `${flag}=${namespace}: must be lower-case letters, digits and -, at most 63`);
    }
  }
  refuseUnless(IMAGE.test(image), `--image=${image}: is no reference of an image`);
  refuseUnless(
    SIZE.test(storageSize),
    `--storage.size=${storageSize}: must be a whole number of Mi, Gi or Ti, such as 1Gi`,
  );
  for (const [label, value] of Object.entries(labels)) {
    refuseUnless(
      LABEL_NAME.test(label) && LABEL_VALUE.test(value),
      `--label=${label}=${value}: is no label of Kubernetes`,
    );
    refuseUnless(!SELECTOR_LABELS.has(label), `--label=${label}=${value}: the selectors use this label themselves`);
  }
  return portOf(flags.listenAddress);
}

function portOf(text: string): number {
  const { host, port } = parseListenAddress(text);
  refuseUnless(port !== 0, `--web.listen-address=${text}: must have the port that the Service leads to`);
  refuseUnless(
    host !== 'localhost' && !isLoopback(host ?? ''),
    `--web.listen-address=${text}: on loopback the pod is reached by nobody, its probes included`,
  );
  return port;
}

function refuseUnless(isRight: boolean, message: string): void {
  if (!isRight) throw refused(message);
}

export function refused(message: string): DhalionError {
  return new DhalionError('manifests_refused', message);
}
