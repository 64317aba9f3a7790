// What the schema cannot say about `webhooks`: which keys go with which type, where a URL may be templated, whether the
// templates can be rendered, headers that are Dhalion's own.
import type { CheckContext } from '../../config/check-context.js';
import { nearestName, type ConfigPath, type Finding } from '../../grammar/config-fault.js';
import { entriesOf, partAt, textOf, type DocumentPart } from '../../grammar/document-part.js';
import { findBaseUrlFaults, findHttpConfigFaults, secretHeaders, unreadableFiles } from '../../grammar/http-config-checks.js';
import type { RequestSettings } from './render-request.js';
import { templateFaultsOf } from './template-faults.js';
import { WEBHOOK_BODY_SCHEMA } from '../webhook-body-schema.js';

const WEBHOOK_FIELDS = Object.keys(WEBHOOK_BODY_SCHEMA.properties);

const LIQUID = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

/** Set for each call; a fixed value would break the promise they stand for. */
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

export function findWebhookFaults(context: CheckContext): Finding[] {
  return entriesOf(partAt(context.root, 'webhooks')).flatMap(([name, webhook]) => [
    ...(isFlinkWebhook(webhook) ? flinkFaults(webhook) : genericFaults(context, name, webhook)),
    ...findHttpConfigFaults(context, partAt(webhook, 'http_config')),
  ]);
}

export function isFlinkWebhook(webhook: DocumentPart): boolean {
  return partAt(webhook, 'type').value === 'flink';
}

/** What a generic call is made of; Flink's REST API says itself how it is called. */
const GENERIC_ONLY: Readonly<Record<string, string>> = {
  method: '',
  headers: '; headers for a proxy belong in http_config.http_headers',
  body: '',
  signing_secret_file: '; credentials belong in http_config',
};

function flinkFaults(webhook: DocumentPart): Finding[] {
  const url = partAt(webhook, 'url');
  const withoutMeaning = Object.entries(GENERIC_ONLY).flatMap(([key, instead]): Finding[] => {
    const { path, value } = partAt(webhook, key);
    const message = `means nothing for type flink, whose requests are those of Flink's REST API${instead}`;
    return value === undefined ? [] : [{ path, message, isAboutKey: true }];
  });
  const templated = /\{[{%]/.test(textOf(url) ?? '');
  const wrongUrl = templated
    ? [{ path: url.path, message: "must not be templated: the JobManager's address; job and vertex come from labels" }]
    : findBaseUrlFaults(url, "must end with its path: the JobManager's address, such as http://127.0.0.1:8081");
  return [...wrongUrl, ...withoutMeaning];
}

function genericFaults(context: CheckContext, name: string, webhook: DocumentPart): Finding[] {
  const headers = partAt(webhook, 'headers');
  const wrongUrl = urlFaults(partAt(webhook, 'url'));
  return [
    ...wrongUrl,
    ...templateFaults(name, webhook, wrongUrl.length === 0),
    ...secretHeaders(headers),
    ...ownHeaders(headers),
    ...unreadableFiles(context, [partAt(webhook, 'signing_secret_file')]),
  ];
}

function urlFaults(part: DocumentPart): Finding[] {
  const url = textOf(part);
  if (url === null) return [];
  const match = /^(https?):\/\/([^/?#\\]*)(.*)$/is.exec(url);
  const [, scheme, authority, rest] = match ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined) {
    return [
      {
        path: part.path,
        message: 'must be a URL that begins with http:// or https:// (the scheme is never a template)',
      },
    ];
  }
  return authorityFaults(part.path, scheme, authority) ?? fragmentFaults(part.path, rest);
}

function authorityFaults(path: ConfigPath, scheme: string, authority: string): Finding[] | null {
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

function fragmentFaults(path: ConfigPath, rest: string): Finding[] {
  const hasFragment = rest.replace(LIQUID, '').includes('#');
  return hasFragment ? [{ path, message: 'must not have a fragment (#): it is never sent' }] : [];
}

/** The templates as they would be rendered, with sample values. */
function templateFaults(name: string, webhook: DocumentPart, isUrlSound: boolean): Finding[] {
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
    // The path says already which webhook's template it is.
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

function ownHeaders(headers: DocumentPart): Finding[] {
  return entriesOf(headers)
    .filter(([name]) => OWN_HEADERS.includes(name.toLowerCase()))
    .map(([, { path }]) => ({ path, message: 'is set by Dhalion itself for each call', isAboutKey: true }));
}
