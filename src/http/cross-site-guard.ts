// Keeps other web sites from changing anything through the browser of someone who may. A browser says where a request comes
// from; clients that are no browsers send none of these headers and pass.
import type { RequestHandler } from 'express';
import { sendError } from './envelope.js';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Answers 403 to a request with another method that another site's page made. */
export const refuseCrossSite: RequestHandler = (request, response, next) => {
  const { 'sec-fetch-site': site, origin, host } = request.headers;
  if (SAFE_METHODS.includes(request.method) || isSameSite(site, origin, host)) next();
  else sendError(response, 403, `${request.method} ${request.path} is refused to pages of other sites`);
};

/** `none`: the person typed the address. `same-site` is another host below the same domain, and as foreign as any. */
function isSameSite(site: unknown, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || isOriginOf(origin, host);
}

/** The scheme is not compared: a proxy may have taken HTTPS off. */
function isOriginOf(origin: string, host: string | undefined): boolean {
  // `Origin: null` is a page without one, such as a file or a sandboxed frame.
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  const asked = `${protocol}//${host}`;
  return originHost !== '' && URL.canParse(asked) && new URL(asked).host === originHost;
}
