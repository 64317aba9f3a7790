// PURE: the address of a JobManager, whose host may contain labels of series. The owner of a job chooses its labels, so each label value
// must be a DNS label, and the configuration must allow the whole host.
import { isDnsLabel, quoteLabel } from '../dns-label.js';
import { labelIn, type Labels } from '../labels-in-action.js';
import type { FlinkWebhookSettings } from './flink-settings.js';

/** A URL with labels: scheme, host, and the rest from the port on. */
interface HostTemplate {
  readonly scheme: string;
  readonly host: string;
  readonly rest: string;
}

const PLACEHOLDER = /\{\{\s*labels\.([A-Za-z_]\w*)\s*\}\}/g;
const TEMPLATE =
  /^(https?:\/\/)((?:[^\s/?#@:\\{}[\]]|\{\{\s*labels\.[A-Za-z_]\w*\s*\}\})+)((?::\d{1,5})?(?:\/[^\s?#{}\\]*)?)$/i;
const MAX_HOST_LENGTH = 253;

export function isBuiltUrl(url: string): boolean {
  return /\{[{%]/.test(url);
}

/** null: it is templated outside of its host, or with something other than `{{ labels.NAME }}`. */
export function parseHostTemplate(url: string): HostTemplate | null {
  const [, scheme, host, rest] = TEMPLATE.exec(url) ?? [];
  return scheme === undefined || host === undefined || rest === undefined ? null : { scheme, host, rest };
}

/** Names of the labels in it. */
export function labelsInUrl(url: string): readonly string[] {
  const names = new Set<string>();
  url.replace(PLACEHOLDER, (_, name: string) => {
    names.add(name);
    return '';
  });
  return [...names];
}

/** The URL with this text in place of each label. */
export function withSample(url: string, sample: string): string {
  return url.replace(PLACEHOLDER, () => sample);
}

/** Whether some label values give a host that matches the pattern. A label value has no dot, so both have equally many parts. */
export function canMatch({ host }: HostTemplate, pattern: string): boolean {
  const wanted = pattern.split('.');
  // The placeholders contain dots, too.
  const parts = withSample(host, '*').toLowerCase().split('.');
  return parts.length === wanted.length && parts.every((part, at) => part.includes('*') || isPart(part, wanted[at]));
}

/** The URL for the labels of one topology's series; or why there is none. */
export function flinkUrlOf(
  { url, allowedHosts = [] }: Pick<FlinkWebhookSettings, 'url' | 'allowedHosts'>,
  labels: Labels,
): { readonly url: string } | { readonly failure: string } {
  if (!isBuiltUrl(url)) return { url };
  const template = parseHostTemplate(url);
  if (template === null) return { failure: 'may have {{ labels.NAME }} in its host only' };
  for (const name of labelsInUrl(url)) {
    const value = labelIn(labels, name);
    if (value === null) return { failure: `the series have no label ${name}, or different values of it` };
    if (!isDnsLabel(value)) {
      return {
        failure: `label ${name} is not a valid part of a host name (RFC 1123, lower case): ${quoteLabel(value)}`,
      };
    }
  }
  const host = template.host.replace(PLACEHOLDER, (_, name: string) => String(labels[name])).toLowerCase();
  if (host.length > MAX_HOST_LENGTH || !host.split('.').every(isDnsLabel)) {
    return { failure: `${quoteLabel(host)} is not a valid host name` };
  }
  if (!allowedHosts.some((pattern) => isAllowedBy(pattern, host))) {
    return { failure: `the host ${host} is not in allowed_hosts` };
  }
  const built = `${template.scheme}${host}${template.rest}`;
  // A host that begins with a digit may be an IP address in another form, such as 127.1.
  if (!URL.canParse(built) || new URL(built).hostname !== host)
    return { failure: `${quoteLabel(host)} is not a valid host name` };
  return { url: built };
}

/** Matches the whole host: `*` is one part between dots. */
function isAllowedBy(pattern: string, host: string): boolean {
  const wanted = pattern.split('.');
  const parts = host.split('.');
  return parts.length === wanted.length && parts.every((part, at) => isPart(part, wanted[at]));
}

function isPart(part: string, wanted: string | undefined): boolean {
  return wanted === '*' || wanted === part;
}
