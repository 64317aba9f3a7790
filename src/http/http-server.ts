// The listening server: address, time limits against slow clients, and a close that lets requests in flight finish.
// Beyond loopback it listens only if the web configuration requires credentials. The app checks them; tls-server.ts checks client
// certificates.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DhalionError } from '../errors.js';
import { isLoopback, resolveHost, type ListenAddress } from './listen-address.js';
import type { LiveWebConfig } from './live-web-config.js';
import { createTlsServer } from './tls-server.js';
import { hasCredentials } from './web-config.js';

export interface HttpServerOptions {
  readonly app: RequestListener;
  readonly address: ListenAddress;
  /** Listen beyond loopback without authentication. */
  readonly allowUnauthenticated: boolean;
  /** If it has TLS, the server speaks HTTPS. */
  readonly webConfig?: LiveWebConfig;
  readonly limits?: Partial<ServerLimits>;
}

export interface ServerLimits {
  /** Until a request's headers have arrived, ms. */
  readonly headersTimeoutMs: number;
  /** Until a whole request has arrived, ms. */
  readonly requestTimeoutMs: number;
  /** Without a byte in either direction during an answer, ms. */
  readonly idleTimeoutMs: number;
  /** Between requests of one connection, ms: longer than a scrape interval, so scrapers need not reconnect. */
  readonly keepAliveTimeoutMs: number;
  /** For requests in flight when the server closes, ms. */
  readonly closeTimeoutMs: number;
}

const DEFAULT_LIMITS: ServerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 75_000,
  closeTimeoutMs: 10_000,
};

export interface HttpServer {
  /** As bound: the port is never 0. */
  readonly address: AddressInfo;
  /** For people and processes on this machine, without a trailing slash. */
  readonly url: string;
  /** Accepts no more connections, lets requests in flight finish, and aborts them at the deadline. */
  close(): Promise<void>;
}

export type Reach = Pick<HttpServerOptions, 'address' | 'allowUnauthenticated' | 'webConfig'>;

/** The IP address to bind; null: every address. Rejects with `DhalionError` listen_failed if listening there is not allowed. */
export async function allowedAddress(reach: Reach): Promise<string | null> {
  const { host } = reach.address;
  const ip = host === null ? null : await resolveHost(host);
  if (!mayListenOn(ip, reach)) throw unauthenticated(reach.address);
  return ip;
}

/** Rejects with `DhalionError` listen_failed. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { port } = options.address;
  const ip = await allowedAddress(options);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const server = createServerFor(options, limits);
  server.timeout = limits.idleTimeoutMs;
  await listen(server, ip, port);
  const address = server.address() as AddressInfo;
  const scheme = options.webConfig?.initial.tls ? 'https' : 'http';
  return { address, url: urlOf(scheme, address), close: () => close(server, limits.closeTimeoutMs) };
}

/** @param ip null: every address */
function mayListenOn(ip: string | null, { allowUnauthenticated, webConfig }: Reach): boolean {
  if (allowUnauthenticated || (ip !== null && isLoopback(ip))) return true;
  return webConfig !== undefined && hasCredentials(webConfig.initial);
}

function createServerFor({ app, webConfig }: HttpServerOptions, limits: ServerLimits): Server {
  const serverOptions = serverOptionsOf(limits);
  const tls = webConfig?.initial.tls ?? null;
  if (webConfig === undefined || tls === null) return createServer(serverOptions, app);
  return createTlsServer({ ...serverOptions, handshakeTimeout: limits.headersTimeoutMs }, tls, webConfig, app);
}

function serverOptionsOf(limits: ServerLimits) {
  return {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs) / 2,
  };
}

function listen(server: Server, ip: string | null, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const where = `${ip ?? 'every address'}, port ${port}`;
      reject(new DhalionError('listen_failed', `cannot listen on ${where}`, { cause: error }));
    });
    server.listen({ port, ...(ip === null ? {} : { host: ip }) }, resolve);
  });
}

function close(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    // Before the app, which may answer at once.
    server.prependListener('request', (_request, response) => {
      response.setHeader('Connection', 'close');
    });
    // A kept-alive connection becomes idle after its last answer; Node would wait for it.
    const closeIdle = setInterval(() => {
      server.closeIdleConnections();
    }, 20);
    const deadline = setTimeout(() => {
      server.closeAllConnections();
    }, timeoutMs);
    server.close(() => {
      clearInterval(closeIdle);
      clearTimeout(deadline);
      resolve();
    });
  });
}

function unauthenticated({ host, port }: ListenAddress): DhalionError {
  return new DhalionError(
    'listen_failed',
    `refusing to listen on ${host === null ? 'every address' : `'${host}'`}, port ${port}, without credentials: other machines could post ` +
      'alerts. Require credentials with --web.config.file (basic_auth_users, bearer_token_files, or client certificates ' +
      'with RequireAndVerifyClientCert), listen on 127.0.0.1 (behind a proxy that authenticates), or use ' +
      '--web.allow-unauthenticated',
  );
}

function urlOf(scheme: string, { address, family, port }: AddressInfo): string {
  const isEverywhere = address === '::' || address === '0.0.0.0';
  if (isEverywhere) return `${scheme}://127.0.0.1:${port}`;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
