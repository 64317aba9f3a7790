// Addresses in a configuration that mean something else inside a pod. Pure.
import type { Configuration } from '../../config/configuration.js';
import { isLoopback } from '../../http/listen-address.js';

/** A line per loopback address: only Dhalion runs in the pod. */
export function describeLoopback({ prometheus, webhooks }: Configuration): readonly string[] {
  const urls = [
    ['prometheus.url', prometheus.url] as const,
    ...[...webhooks].map(([name, { url }]) => [`webhooks.${name}.url`, url] as const),
  ];
  return urls
    .filter(([, url]) => isOnLoopback(url))
    .map(([key, url]) => `${key} is ${url}: in a pod this is the pod itself, where only Dhalion listens`);
}

/** A host built from labels is not a URL yet, so it is not loopback. */
function isOnLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host.endsWith('.localhost') || isLoopback(host);
}
