// Every call that leaves the process: timeout, abort, size cap, keep-alive, http_config, no redirects, no proxy but what
// the URL names. What an answer means, and whether to ask again, is the caller's business.
import fetch, { FetchError } from 'node-fetch';
import { DhalionError } from '../errors.js';
import { whenAborted } from '../when-aborted.js';
import { createConnectionAgents, type ConnectionAgents } from './connection-agents.js';
import type { HttpConfig } from './http-config.js';
import { redactSecrets } from './redact-secrets.js';
import { redactUrl } from './redact-url.js';
import { requestHeaders } from './request-headers.js';

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For the whole call, ms. */
  readonly timeoutMs: number;
  /** A longer answer is a fault; counted after decompression, so that a small body cannot grow into a large one. */
  readonly maxResponseBytes: number;
  /** What becomes of a longer answer: a fault (the default), or it is cut, where the status is what counts. */
  readonly ifTooLong?: 'fault' | 'cut';
  readonly signal?: AbortSignal;
}

/** Any answer, whatever its status: a 3xx is returned as it came, never followed. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** In one that is no success, `<secret>` stands for ours. */
  readonly body: string;
  /** The body as it may be quoted: data are taken as they came, but no error may hold a secret. */
  readonly quotable: () => string;
}

export interface HttpClient {
  /**
   * Rejects with `DhalionError`: call_unconnected (nothing was sent), call_network, call_timeout (all retryable), call_aborted,
   * response_too_large, secret_unreadable, and config_invalid for a URL or header that cannot be used. No message holds a secret.
   */
  call(call: HttpCall): Promise<HttpAnswer>;
  /** Closes kept-alive connections. */
  close(): void;
}

export function createHttpClient(http: HttpConfig, options: { readonly userAgent: string }): HttpClient {
  const agents = createConnectionAgents(http.tls);
  return {
    call: (call) =>
      withinTimeout(call, async (signal) => {
        checkUrl(call);
        return send(call, await requestHeaders(http, options.userAgent, call.headers), agents, signal);
      }),
    close: () => {
      agents.close();
    },
  };
}

async function send(
  call: HttpCall,
  headers: Awaited<ReturnType<typeof requestHeaders>>,
  agents: ConnectionAgents,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const lease = await agents.lease(new URL(call.url).protocol);
  try {
    // node-fetch destroys the body of a call that is aborted before it begins, with an error that nobody listens to.
    signal.throwIfAborted();
    const response = await fetch(call.url, {
      method: call.method,
      headers,
      body: call.body,
      redirect: 'manual',
      agent: lease.agent,
      // node-fetch: 0 is no limit.
      size: call.ifTooLong === 'cut' ? 0 : call.maxResponseBytes,
      signal,
    });
    // Read whatever the status, or the connection could not be used again.
    const body = call.ifTooLong === 'cut' ? await startOf(response.body, call.maxResponseBytes) : await response.text();
    const quotable = (): string => redactSecrets(body, headers.entries());
    return {
      status: response.status,
      headers: new Map(response.headers.entries()),
      body: response.ok ? body : quotable(),
      quotable,
    };
  } finally {
    lease.release();
  }
}

/** The first `maxBytes` of an answer; what would follow is not read, and its connection is closed. */
async function startOf(stream: AsyncIterable<Buffer | string> | null, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}

/** Runs `attempt` until it ends, the time is up or the caller aborts; what is left of it then is torn down. */
async function withinTimeout(
  call: HttpCall,
  attempt: (signal: AbortSignal) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const controller = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => {
      reject(controller.signal.reason as DhalionError);
    });
  });
  stopped.catch(() => undefined);
  const onTimeout = (): void => {
    controller.abort(
      new DhalionError('call_timeout', `${nameOf(call)}: no answer within ${call.timeoutMs} ms`, { retryable: true }),
    );
  };
  const onAbort = (): void => {
    controller.abort(new DhalionError('call_aborted', `${nameOf(call)}: aborted`));
  };
  const timer = setTimeout(onTimeout, call.timeoutMs);
  const stopWaiting = call.signal && whenAborted(call.signal, onAbort);
  try {
    return await Promise.race([stopped, attempt(controller.signal)]);
  } catch (error) {
    throw faultOf(error, call);
  } finally {
    clearTimeout(timer);
    stopWaiting?.();
  }
}

/** node-fetch would refuse credentials in a URL too, but quotes them. */
function checkUrl(call: HttpCall): void {
  const url = URL.canParse(call.url) ? new URL(call.url) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new DhalionError('config_invalid', `${nameOf(call)}: not an http or https URL`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new DhalionError('config_invalid', `${nameOf(call)}: the URL holds credentials; use http_config`);
  }
}

/** The messages of node-fetch quote the whole URL, so neither they nor the errors themselves are passed on. */
function faultOf(error: unknown, call: HttpCall): unknown {
  if (error instanceof DhalionError) return error;
  if (error instanceof FetchError && error.type === 'max-size') {
    const limit = `the answer is longer than ${call.maxResponseBytes} bytes`;
    return new DhalionError('response_too_large', `${nameOf(call)}: ${limit}`);
  }
  if (error instanceof FetchError || (error instanceof Error && 'code' in error)) {
    const code = isUnconnected(error) ? 'call_unconnected' : 'call_network';
    return new DhalionError(code, `${nameOf(call)}: ${networkReasonOf(error)}${tlsHint(call, error)}`, {
      retryable: true,
    });
  }
  return error;
}

/** No address, or nobody there: not one byte of the request went out. */
function isUnconnected(error: Error): boolean {
  const { erroredSysCall } = error as { erroredSysCall?: unknown };
  return erroredSysCall === 'connect' || erroredSysCall === 'getaddrinfo';
}

/** As in `connect ECONNREFUSED`; without a code the answer ended before it was complete. */
function networkReasonOf(error: Error): string {
  const { code, erroredSysCall } = error as { code?: unknown; erroredSysCall?: unknown };
  const known = [erroredSysCall, code].filter((part) => typeof part === 'string');
  return known.length === 0 ? 'the answer was cut off' : known.join(' ');
}

/** OpenSSL's own words for an answer that is no TLS are of a wrong version. */
function tlsHint(call: HttpCall, error: Error): string {
  const isTls = /^https:/i.test(call.url);
  return isTls && 'code' in error && error.code === 'EPROTO'
    ? ': what answers there does not speak TLS; is it http:// rather than https://?'
    : '';
}

function nameOf(call: HttpCall): string {
  return `${call.method} ${redactUrl(call.url)}`;
}
