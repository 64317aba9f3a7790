// The demo's view of the loop, read from outside as any user could: from Prometheus, Alertmanager and Dhalion's API.
import type { ActionKind } from '../../model/resolver.js';
import { createHttpClient } from '../../outbound/http-client.js';
import { PLAIN_HTTP } from '../../outbound/http-config.js';
import { USER_AGENT } from '../../version.js';

/** Addresses of the loop's parts, without a trailing slash. */
export interface LoopAddresses {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  readonly dhalionUrl: string;
}

/** As in `GET /api/v1/actions`. */
export interface SeenAction {
  readonly id: string;
  readonly resolver: ActionKind;
  readonly state: string;
  readonly outcome: string | null;
  /** Most urgent first. */
  readonly operators: readonly SeenOperator[];
  /** RFC 3339. */
  readonly claimed_at: string;
  /** When the call was answered. */
  readonly completed_at: string | null;
  readonly judged_at: string | null;
  /** Why the change is not visible yet, in words. */
  readonly held_up_by: string | null;
}

export interface SeenOperator {
  readonly operator: string;
  readonly current_parallelism: number;
  readonly desired_parallelism: number;
  /** The outliers, for a restart or a rebalance. */
  readonly operator_instances: readonly string[];
}

export interface SeenDecision {
  /** RFC 3339. */
  readonly at: string;
  readonly operator: string;
  readonly diagnosis: string;
  readonly decision: string;
  readonly reason: string | null;
  /** What was measured then; null: it was decided without a look. */
  readonly evidence: { readonly missing_sensors: readonly string[] } | null;
}

export interface SeenBlacklistEntry {
  readonly operator: string;
  /** No scale-down goes below this many instances. */
  readonly floor: number | null;
}

export interface LoopObserver {
  /** The value of the first sample of a PromQL expression; null: no sample. */
  value(promql: string): Promise<number | null>;
  /** True if Alertmanager holds an alert for this diagnosis of this operator. */
  hasAlert(operator: string, diagnosis: string): Promise<boolean>;
  /** Newest first. */
  actions(): Promise<readonly SeenAction[]>;
  blacklist(): Promise<readonly SeenBlacklistEntry[]>;
  /** Newest first. */
  decisions(): Promise<readonly SeenDecision[]>;
  /** The newest decision on a diagnosis of an operator: the reason of a hold, or `act`; null: none yet. */
  lastDecision(operator: string, diagnosis: string): Promise<string | null>;
  close(): void;
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export function createLoopObserver(world: LoopAddresses): LoopObserver {
  const http = createHttpClient(PLAIN_HTTP, { userAgent: USER_AGENT });
  const get = async (url: string): Promise<unknown> => {
    const call = {
      url,
      method: 'GET',
      headers: {},
      body: null,
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_ANSWER_BYTES,
    };
    return JSON.parse((await http.call(call)).body);
  };
  const decisions = async (): Promise<readonly SeenDecision[]> =>
    ((await get(`${world.dhalionUrl}/api/v1/decisions?topology=wordcount&limit=1000`)) as { data: SeenDecision[] })
      .data;
  return {
    value: async (promql) => {
      const answer = (await get(`${world.prometheusUrl}/api/v1/query?query=${encodeURIComponent(promql)}`)) as {
        data: { result: { value: [number, string] }[] };
      };
      const text = answer.data.result[0]?.value[1];
      return text === undefined ? null : Number(text);
    },
    hasAlert: async (operator, diagnosis) => {
      const filter = [`operator="${operator}"`, `diagnosis="${diagnosis}"`].map(encodeURIComponent).join('&filter=');
      return ((await get(`${world.alertmanagerUrl}/api/v2/alerts?filter=${filter}`)) as unknown[]).length > 0;
    },
    actions: async () =>
      ((await get(`${world.dhalionUrl}/api/v1/actions?topology=wordcount`)) as { data: SeenAction[] }).data,
    blacklist: async () => ((await get(`${world.dhalionUrl}/api/v1/blacklist`)) as { data: SeenBlacklistEntry[] }).data,
    decisions,
    lastDecision: async (operator, diagnosis) => {
      const newest = (await decisions()).find(
        (decision) => decision.operator === operator && decision.diagnosis === diagnosis,
      );
      return newest === undefined ? null : (newest.reason ?? newest.decision);
    },
    close: () => {
      http.close();
    },
  };
}
