// Checks of a webhook of type generic that a schema cannot express: where its URL is templated, whether its templates render, and
// headers that only Dhalion sets.
import { nearestName, type ConfigPath, type UnlocatedFault } from '../../grammar/config-fault.js';
import { entriesOf, partAt, textOf, type DocumentPart } from '../../grammar/document-part.js';
import { secretHeaders, unreadableFiles, type FileAccess } from '../../grammar/http-config-checks.js';
import { WEBHOOK_BODY_SCHEMA } from '../webhook-body-schema.js';
import type { RequestSettings } from './render-request.js';
import { templateFaultsOf } from './template-faults.js';
import { namesInTemplate } from './webhook-template.js';

const WEBHOOK_FIELDS = Object.keys(WEBHOOK_BODY_SCHEMA.properties);

const LIQUID = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

/** Dhalion sets these for each call; a fixed value would break their guarantees. */
const OWN_HEADERS = [
  'idempotency-key',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'content-length',
  'transfer-encoding',
  'connection',
  'host',
];

export function findGenericFaults(webhook: DocumentPart, name: string, files: FileAccess): UnlocatedFault[] {
  const headers = partAt(webhook, 'headers');
  const wrongUrl = urlFaults(partAt(webhook, 'url'));
  return [
    ...wrongUrl,
    ...templateFaults(name, webhook, wrongUrl.length === 0),
    ...secretHeaders(headers),
    ...ownHeaders(headers),
    ...unreadableFiles(files, [partAt(webhook, 'signing_secret_file')]),
  ];
}

function urlFaults(part: DocumentPart): UnlocatedFault[] {
  const url = textOf(part);
  if (url === null) return [];
  const match = /^(https?):\/\/([^/?#\\]*)(.*)$/is.exec(url);
  const [, scheme, authority, rest] = match ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined) {
    return [
      {
        path: part.path,
        message: 'must be a URL that begins with http:// or https:// (the scheme cannot be a template)',
      },
    ];
  }
  return authorityFaults(part.path, scheme, authority) ?? fragmentFaults(part.path, rest);
}

function authorityFaults(path: ConfigPath, scheme: string, authority: string): UnlocatedFault[] | null {
  if (/\{[{%]/.test(authority)) {
    return [{ path, message: 'must not be templated before its path: scheme, host and port are fixed' }];
  }
  if (authority.includes('@')) {
    return [{ path, message: 'must not hold credentials; use http_config.basic_auth with a password_file' }];
  }
  return URL.canParse(`${scheme}://${authority}/`)
    ? null
    : [{ path, message: 'must be a URL with a valid host and port' }];
}

function fragmentFaults(path: ConfigPath, rest: string): UnlocatedFault[] {
  const hasFragment = rest.replace(LIQUID, '').includes('#');
  return hasFragment ? [{ path, message: 'must not have a fragment (#): it is never sent' }] : [];
}

/** Renders the templates with sample values. */
function templateFaults(name: string, webhook: DocumentPart, isUrlSound: boolean): UnlocatedFault[] {
  const url = isUrlSound ? textOf(partAt(webhook, 'url')) : null;
  const headers = entriesOf(partAt(webhook, 'headers')).map(([header, part]): [string, string] => [
    header,
    textOf(part) ?? '',
  ]);
  const settings: RequestSettings = {
    name,
    url: url ?? 'http://localhost/',
    method: 'POST',
    headers: Object.fromEntries(headers),
    body: textOf(partAt(webhook, 'body')),
  };
  return templateFaultsOf(settings).map(({ field, message }) => {
    // The path already names the webhook and the template.
    const reason = message.replace(`webhook ${name}: ${field}`, '').replace(/^[:,] /, '');
    const unknown = /undefined variable: (\w+)/.exec(reason)?.[1];
    return {
      path: [...webhook.path, field],
      message: `cannot be rendered: ${reason}`,
      suggestion: unknown === undefined ? null : nearestName(unknown, WEBHOOK_FIELDS),
      isAboutKey: true,
    };
  });
}

function ownHeaders(headers: DocumentPart): UnlocatedFault[] {
  return entriesOf(headers)
    .filter(([name]) => OWN_HEADERS.includes(name.toLowerCase()))
    .map(([, { path }]) => ({ path, message: 'is set by Dhalion itself for each call', isAboutKey: true }));
}

/** These fields describe the first operator only. */
const OF_ONE_OPERATOR = ['operator', 'desired_parallelism'];

/** The first such field in its templates; undefined: there is none, or they use `operators`, too. */
export function askedOfOneOperator(webhook: DocumentPart): string | undefined {
  const names = ['url', 'body'].flatMap((key) => namesInTemplate(textOf(partAt(webhook, key)) ?? ''));
  return names.includes('operators') ? undefined : OF_ONE_OPERATOR.find((name) => names.includes(name));
}
