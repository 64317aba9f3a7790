// Authentication: if the web configuration has credentials, everything except health and readiness requires one of them.
// http-server.ts checks client certificates before it reads a request.
import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../logger.js';
import { parseAuthorization } from './authorization-header.js';
import { sendError } from './envelope.js';
import type { LiveWebConfig } from './live-web-config.js';
import { renderCredentialsPage } from './page/render-credentials-page.js';
import type { PasswordCheck } from './password-check.js';
import { digestOf, hasCredentials, type WebConfig } from './web-config.js';

export interface AccessControl {
  readonly webConfig: LiveWebConfig;
  readonly passwords: Pick<PasswordCheck, 'check'>;
}

const OPEN_PATHS = ['/-/healthy', '/-/ready'];
const BUSY_RETRY_AFTER_SECONDS = '1';

/** Answers 400, 401, 503 or, if the web configuration is unusable, 500; otherwise lets the request through. */
export function createAuthentication({ webConfig, passwords }: AccessControl, logger: Logger): RequestHandler {
  return async (request, response, next) => {
    if (isOpen(request)) {
      next();
      return;
    }
    const config = webConfig.current();
    // The answer is for one client: no cache may keep it for another.
    if (config === null || hasCredentials(config)) response.set('Cache-Control', 'no-store');
    if (config === null) {
      sendError(response, 500, 'the web configuration cannot be used, see the log');
      return;
    }
    const verdict = await judge(request, config, passwords);
    if (verdict === 'admitted') {
      next();
      return;
    }
    // The user name is not logged: people type passwords there.
    const { method, path, socket } = request;
    logger.debug({ method, path, remote_address: socket.remoteAddress, verdict }, 'refused a request');
    refuse(request, response, verdict, config);
  };
}

/** The headers from the web configuration, for every answer. */
export function createConfiguredHeaders({ webConfig }: AccessControl): RequestHandler {
  return (_request, response, next) => {
    response.set(webConfig.current()?.headers ?? {});
    next();
  };
}

function isOpen({ method, path }: Request): boolean {
  return (method === 'GET' || method === 'HEAD') && OPEN_PATHS.includes(path);
}

type Verdict = 'admitted' | 'refused' | 'busy' | { readonly malformed: string };

async function judge(request: Request, config: WebConfig, passwords: AccessControl['passwords']): Promise<Verdict> {
  const { users, tokenDigests } = config;
  const claim = parseAuthorization(request.headers.authorization);
  // No credentials are required, or the client has a certificate.
  if (users.size === 0 && tokenDigests.length === 0) return 'admitted';
  switch (claim.kind) {
    case 'none':
      return 'refused';
    case 'malformed':
      return { malformed: claim.because };
    case 'bearer':
      return isAmong(tokenDigests, claim.token) ? 'admitted' : 'refused';
    case 'basic': {
      const verdict = await passwords.check({ ...claim, address: request.socket.remoteAddress ?? '' }, users);
      if (verdict === 'busy') return 'busy';
      return verdict === 'right' ? 'admitted' : 'refused';
    }
  }
}

/** Constant time: neither the position of the first difference nor the matching token matters. */
function isAmong(digests: readonly Buffer[], token: string): boolean {
  const digest = digestOf(token);
  return digests.filter((known) => timingSafeEqual(known, digest)).length > 0;
}

function refuse(
  request: Request,
  response: Response,
  verdict: Exclude<Verdict, 'admitted'>,
  { users, tokenDigests }: WebConfig,
): void {
  if (verdict === 'busy') {
    response.set('Retry-After', BUSY_RETRY_AFTER_SECONDS);
    sendError(response, 503, 'too many passwords are being checked');
  } else if (verdict === 'refused') {
    if (users.size > 0) response.append('WWW-Authenticate', 'Basic realm="dhalion", charset="UTF-8"');
    if (tokenDigests.length > 0) response.append('WWW-Authenticate', 'Bearer realm="dhalion"');
    if (request.path === '/' && request.accepts(['json', 'html']) === 'html') {
      response.status(401).type('text/html').send(renderCredentialsPage({ users, tokenDigests }));
    } else sendError(response, 401, 'credentials are required');
  } else sendError(response, 400, `header Authorization: ${verdict.malformed}`);
}
