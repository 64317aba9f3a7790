// PURE: the address of a JobManager, whose host may be built from labels of series. Whoever runs a job may write these: a label becomes a
// part of a host only where it is a DNS label by itself, and the host as a whole must be one that the configuration allows.
import { isDnsLabel, quoteLabel } from '../dns-label.js';
import { labelIn, type Labels } from '../labels-in-action.js';
import type { FlinkWebhookSettings } from './flink-settings.js';

/** A URL that is built: what is between scheme and port, and how it goes on. */
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

/** null: something else than its host is templated, or by something else than `{{ labels.NAME }}`. */
export function parseHostTemplate(url: string): HostTemplate | null {
  const [, scheme, host, rest] = TEMPLATE.exec(url) ?? [];
  return scheme === undefined || host === undefined || rest === undefined ? null : { scheme, host, rest };
}

/** Names of the labels that it asks for. */
export function labelsInUrl(url: string): readonly string[] {
  const names = new Set<string>();
  url.replace(PLACEHOLDER, (_, name: string) => {
    names.add(name);
    return '';
  });
  return [...names];
}

/** The same URL with this text for each label. */
export function withSample(url: string, sample: string): string {
  return url.replace(PLACEHOLDER, () => sample);
}

/** Whether some labels make a host of it that matches the pattern; a label has no dot, so that both have as many parts. */
export function canMatch({ host }: HostTemplate, pattern: string): boolean {
  const wanted = pattern.split('.');
  // Between the braces there are dots too.
  const parts = withSample(host, '*').toLowerCase().split('.');
  return parts.length === wanted.length && parts.every((part, at) => part.includes('*') || isPart(part, wanted[at]));
}

/** With the labels of one topology's series; or why there is none. */
export function flinkUrlOf(
  { url, allowedHosts = [] }: Pick<FlinkWebhookSettings, 'url' | 'allowedHosts'>,
  labels: Labels,
): { readonly url: string } | { readonly failure: string } {
  if (!isBuiltUrl(url)) return { url };
  const template = parseHostTemplate(url);
  if (template === null) return { failure: 'only its host may be templated, by {{ labels.NAME }}' };
  for (const name of labelsInUrl(url)) {
    const value = labelIn(labels, name);
    if (value === null) return { failure: `the series have no label ${name}, or not the same on all of them` };
    if (!isDnsLabel(value)) {
      return { failure: `label ${name} is no part of a host name (RFC 1123, lower case): ${quoteLabel(value)}` };
    }
  }
  const host = template.host.replace(PLACEHOLDER, (_, name: string) => String(labels[name])).toLowerCase();
  if (host.length > MAX_HOST_LENGTH || !host.split('.').every(isDnsLabel)) {
    return { failure: `${quoteLabel(host)} is no host name` };
  }
  if (!allowedHosts.some((pattern) => isAllowedBy(pattern, host))) {
    return { failure: `the host ${host} is none of allowed_hosts` };
  }
  const built = `${template.scheme}${host}${template.rest}`;
  // What begins with digits may be an address of another form, such as 127.1.
  if (!URL.canParse(built) || new URL(built).hostname !== host)
    return { failure: `${quoteLabel(host)} is no host name` };
  return { url: built };
}

/** As a whole: `*` is one part between dots. */
function isAllowedBy(pattern: string, host: string): boolean {
  const wanted = pattern.split('.');
  const parts = host.split('.');
  return parts.length === wanted.length && parts.every((part, at) => isPart(part, wanted[at]));
}

function isPart(part: string, wanted: string | undefined): boolean {
  return wanted === '*' || wanted === part;
}
