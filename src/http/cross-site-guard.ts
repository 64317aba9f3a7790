// Keeps other web sites from changing anything through a user's browser. A browser says where a request comes from; other
// clients send none of these headers and pass.
import type { RequestHandler } from 'express';
import { sendError } from './envelope.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Answers 403 to a request of another site's page, unless its method is safe. */
export const refuseCrossSite: RequestHandler = (request, response, next) => {
  const { 'sec-fetch-site': site, origin, host } = request.headers;
  if (SAFE_METHODS.includes(request.method) || isSameSite(site, origin, host)) next();
  else sendError(response, 403, `${request.method} ${request.path}: cross-site request refused`);
};

/** `none`: the person typed the address. `same-site` is another host of the same domain, and treated as foreign. */
function isSameSite(site: unknown, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || isOriginOf(origin, host);
}

/** The scheme is not compared: a proxy may have terminated HTTPS. */
function isOriginOf(origin: string, host: string | undefined): boolean {
  // `Origin: null` is a page without an origin, such as a file or a sandboxed frame.
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  const asked = `${protocol}//${host}`;
  return originHost !== '' && URL.canParse(asked) && new URL(asked).host === originHost;
}
