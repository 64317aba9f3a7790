// Renders an action's body and a webhook's settings to the exact call, which is written to the action log before it is sent.
// This file decides what can be templated; generic-call.ts adds credentials and signature, and sends.
import type { GenericWebhookSettings } from './generic-settings.js';
import { describeError, DhalionError } from '../../errors.js';
import type { ActionRequest } from '../../model/action.js';
import type { WebhookBody } from '../webhook-body.js';
import { renderTemplate, type Placement } from './webhook-template.js';

export type RequestSettings = Pick<GenericWebhookSettings, 'name' | 'url' | 'method' | 'headers' | 'body'>;

const JSON_TYPE = 'application/json';

/**
 * Without a template the body is the JSON document. Templates use its fields. Each value is encoded for its place: percent-encoded in
 * the URL's path and query, and by the content type in a body (JSON or form; unchanged in other types).
 * @throws DhalionError config_invalid naming the webhook, the template and the position in it; also if the result of a JSON template is
 *   not JSON, or if a value would change the path of the URL
 */
export function renderRequest(webhook: RequestSettings, body: WebhookBody): ActionRequest {
  const contentType = contentTypeOf(webhook);
  return {
    url: renderUrl(webhook, body),
    method: webhook.method,
    contentType,
    body: webhook.body === null ? JSON.stringify(body) : renderBody(webhook.name, webhook.body, contentType, body),
  };
}

function contentTypeOf(webhook: RequestSettings): string {
  return Object.entries(webhook.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? JSON_TYPE;
}

function renderBody(webhook: string, template: string, contentType: string, values: WebhookBody): string {
  const placement = placementIn(contentType);
  const where = `webhook ${webhook}: body`;
  const rendered = renderTemplate(template, values, placement, where);
  if (placement === 'json') assertJson(rendered, where);
  return rendered;
}

function placementIn(contentType: string): Placement {
  const mediaType = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (mediaType === JSON_TYPE || mediaType.endsWith('+json')) return 'json';
  return mediaType === 'application/x-www-form-urlencoded' ? 'form' : 'text';
}

function assertJson(text: string, where: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new DhalionError('config_invalid', `${where}: result is not JSON: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** Literal scheme and authority, up to the path, the query or the end, without credentials and templates. */
const ORIGIN = /^https?:\/\/[^\s/?#@\\{}]+(?=[/?#]|$)/i;
/** Segments that the URL parser reads as `.` or `..`: it decodes them, so encoding does not help. */
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;

function renderUrl(webhook: RequestSettings, values: WebhookBody): string {
  const where = `webhook ${webhook.name}: url`;
  const origin = ORIGIN.exec(webhook.url)?.[0];
  if (origin === undefined) {
    throw new DhalionError(
      'config_invalid',
      `${where}: must begin with http:// or https:// and a host, without credentials or templates`,
    );
  }
  const rendered = renderTemplate(webhook.url, values, 'url', where);
  const path = rendered.slice(origin.length).split(/[?#]/)[0] ?? '';
  if (path.split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))) {
    throw new DhalionError('config_invalid', `${where}: a path segment is "." or "..", which would change the path`);
  }
  if (!URL.canParse(rendered) || /\s/.test(rendered)) {
    throw new DhalionError('config_invalid', `${where}: result is not a valid URL`);
  }
  return new URL(rendered).href;
}
