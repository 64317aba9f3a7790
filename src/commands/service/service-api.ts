// Client of a running Dhalion's API. The commands interpret the answers.
import type { Clock } from '../../clock.js';
import { describeError, DhalionError } from '../../errors.js';
import type { Action, Pause, Readiness, Topology } from '../../http/page/browser/api-types.js';
import { excerptOf } from '../../outbound/answer-excerpt.js';
import { createHttpClient, type HttpAnswer } from '../../outbound/http-client.js';
import type { HttpConfig } from '../../outbound/http-config.js';
import { parseObject } from '../../outbound/json-object.js';
import { redactUrl } from '../../outbound/redact-url.js';
import { USER_AGENT } from '../../version.js';

export interface ServiceApiOptions {
  /** As given on the command line; a path prefix is kept. */
  readonly url: string;
  readonly http: HttpConfig;
  readonly clock: Pick<Clock, 'now'>;
}

/** Rejects with `DhalionError` service_unreachable or service_refused, worded for the user of the command. */
export interface ServiceApi {
  /** The address, without credentials. */
  readonly url: string;
  readiness(): Promise<Readiness>;
  topologies(): Promise<readonly Topology[]>;
  topology(name: string): Promise<Topology>;
  /** Newest first. */
  actions(filter: { readonly topology: string | null; readonly limit: number }): Promise<readonly Action[]>;
  cancelAction(id: string): Promise<void>;
  /** In force, newest first. */
  pauses(): Promise<readonly Pause[]>;
  addPause(request: PauseOrder): Promise<Pause>;
  endPause(id: string): Promise<void>;
  /** The service's clock at its last answer, ms. */
  nowMs(): number;
  close(): void;
}

/** In the API's form. */
export interface PauseOrder {
  /** null: all topologies. */
  readonly topology: string | null;
  /** null: all resolvers. */
  readonly resolver: string | null;
  readonly duration: string;
  readonly reason: string;
}

const TIMEOUT_MS = 20_000;
/** Far more than a fleet of thousands needs. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
/** The header Date has whole seconds, so a difference of less than that is no error. */
const TOLERATED_SKEW_MS = 2000;

export function createServiceApi({ url, http, clock }: ServiceApiOptions): ServiceApi {
  const base = url.replace(/\/+$/, '');
  const shown = redactUrl(base);
  const client = createHttpClient(http, { userAgent: USER_AGENT });
  let offsetMs = 0;
  const ask = async (method: string, path: string, body: unknown = null): Promise<HttpAnswer> => {
    try {
      const answer = await client.call({
        url: `${base}/${path}`,
        method,
        headers: body === null ? {} : { 'content-type': 'application/json' },
        body: body === null ? null : JSON.stringify(body),
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_ANSWER_BYTES,
      });
      const skewMs = Date.parse(answer.headers.get('date') ?? '') - clock.now();
      offsetMs = Math.abs(skewMs) > TOLERATED_SKEW_MS ? skewMs : 0;
      return answer;
    } catch (cause) {
      throw new DhalionError(
        'service_unreachable',
        `cannot reach Dhalion at ${shown}: ${describeError(cause)}: is it running, and is --url its listen address?`,
      );
    }
  };
  // The service's own schemas describe the answers; they are not checked again.
  const dataOf = async (method: string, path: string, body: unknown = null): Promise<unknown> => {
    const answer = await ask(method, path, body);
    const envelope = parseObject(answer.body);
    if (!isSuccess(answer)) throw refusalOf(answer, envelope?.['error'], shown);
    if (answer.status === 204) return null;
    if (envelope === null || !('data' in envelope)) {
      throw new DhalionError('service_refused', `${shown} is not Dhalion; it answered: ${excerptOf(answer.body)}`);
    }
    return envelope['data'];
  };
  const remove = async (path: string): Promise<void> => {
    await dataOf('DELETE', path);
  };
  return {
    url: shown,
    topologies: async () => (await dataOf('GET', 'api/v1/topologies')) as readonly Topology[],
    topology: async (name) => (await dataOf('GET', `api/v1/topologies/${encodeURIComponent(name)}`)) as Topology,
    actions: async ({ topology, limit }) => {
      const filter = topology === null ? '' : `&topology=${encodeURIComponent(topology)}`;
      return (await dataOf('GET', `api/v1/actions?limit=${limit}${filter}`)) as readonly Action[];
    },
    cancelAction: (id) => remove(`api/v1/actions/${encodeURIComponent(id)}`),
    pauses: async () => (await dataOf('GET', 'api/v1/pauses')) as readonly Pause[],
    addPause: async (request) => (await dataOf('POST', 'api/v1/pauses', request)) as Pause,
    endPause: (id) => remove(`api/v1/pauses/${encodeURIComponent(id)}`),
    readiness: async () => {
      const answer = await ask('GET', '-/ready');
      const [first = '', ...lines] = answer.body.trim().split('\n');
      if (!/^Dhalion is (not )?ready\.$/.test(first)) throw refusalOf(answer, undefined, shown);
      return { isReady: isSuccess(answer), lines };
    },
    nowMs: () => clock.now() + offsetMs,
    close: () => {
      client.close();
    },
  };
}

function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** @param error in the service's words; a proxy in between may have other words, or none */
function refusalOf({ status, body }: HttpAnswer, error: unknown, shown: string): DhalionError {
  const words = typeof error === 'string' ? error : `${shown} answered ${status}: ${excerptOf(body)}`;
  const hint = status === 401 || status === 403 ? ' (set credentials with --http.config.file)' : '';
  return new DhalionError('service_refused', `${words}${hint}`);
}
