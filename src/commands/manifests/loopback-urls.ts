// Addresses in a configuration that mean something else in a pod. Pure.
import type { Configuration } from '../../config/configuration.js';
import { isLoopback } from '../../http/listen-address.js';

/** A line for each that is on loopback: there is nothing in the pod but Dhalion. */
export function describeLoopback({ prometheus, webhooks }: Configuration): readonly string[] {
  const urls = [
    ['prometheus.url', prometheus.url] as const,
    ...[...webhooks].map(([name, { url }]) => [`webhooks.${name}.url`, url] as const),
  ];
  return urls
    .filter(([, url]) => isOnLoopback(url))
    .map(([key, url]) => `${key} is ${url}, which in a pod is the pod itself, where nothing but Dhalion listens`);
}

/** A host that is built from labels is no URL yet, and not loopback. */
function isOnLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host.endsWith('.localhost') || isLoopback(host);
}
