// The connections of a loop: to Prometheus, and to each webhook. Each has one HTTP client, which its owner closes.
import type { Clock } from '../clock.js';
import type { Configuration } from '../config/configuration.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import { createHttpClient, type HttpClient } from '../outbound/http-client.js';
import { ServerClock, type ClockReading } from '../outbound/server-clock.js';
import { senseOperatorLabels } from '../sensors/call-labels.js';
import {
  createPrometheusClient,
  type PrometheusClient,
  type PrometheusRangeClient,
} from '../sensors/prometheus-client.js';
import { createWebhookSender, type WebhookSender } from '../webhooks/webhook-sender.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import type { LabelSensor } from './claim-action.js';

export interface ConnectionParts {
  readonly configuration: Configuration;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
  /** 0 ≤ r < 1, for the jitter of repeated calls. */
  readonly random: () => number;
  /** Queries Prometheus at our own time, whatever its clock says: to look at history. Default: false. */
  readonly keepsOwnTime?: boolean;
  /** Called after each request to Prometheus. */
  readonly onPrometheusRequest?: (status: number | null) => void;
}

/** A page that waits for an answer gives up somewhat later. */
const PATIENCE_OF_PEOPLE_MS = 8_000;

export interface PrometheusConnection {
  readonly client: ReturnType<typeof createPrometheusClient>;
  /** Gives up before a page does that waits for the answer. */
  readonly forPeople: PrometheusRangeClient;
  readonly http: HttpClient;
  readonly prometheusClock: ServerClock;
}

export function createPrometheus(parts: ConnectionParts): PrometheusConnection {
  const { configuration, clock, userAgent, onPrometheusRequest, keepsOwnTime = false } = parts;
  const http = createHttpClient(configuration.prometheus.http, { userAgent });
  const onRequest = onPrometheusRequest === undefined ? {} : { onRequest: onPrometheusRequest };
  const prometheusClock = new ServerClock('Prometheus');
  const onAnswer = (reading: ClockReading): void => {
    if (!keepsOwnTime) prometheusClock.note(reading);
  };
  const options = { http, clock, onAnswer, ...onRequest };
  const { prometheus } = configuration;
  const timeoutMs = Math.min(prometheus.timeoutMs, PATIENCE_OF_PEOPLE_MS);
  return {
    http,
    client: createPrometheusClient(prometheus, options),
    forPeople: createPrometheusClient({ ...prometheus, timeoutMs }, options),
    prometheusClock,
  };
}

export function createSender(
  webhook: WebhookSettings,
  { metrics, clock, logger, userAgent, random }: ConnectionParts,
  noteCall: (webhook: string, code: string) => void,
): { name: string; http: HttpClient; sender: WebhookSender } {
  const http = createHttpClient(webhook.http, { userAgent });
  const onCall = (name: string, code: string, durationMs: number): void => {
    metrics.recordWebhookRequest({ webhook: name, code, durationMs });
    noteCall(name, code);
  };
  const sender = createWebhookSender({ webhook, http, clock, random, userAgent, onCall, logger });
  return { name: webhook.name, http, sender };
}

export function createLabelSensor(client: PrometheusClient, clock: Clock, windowMs: number): LabelSensor {
  return async (engine, operators, watched, signal) => {
    if (watched === undefined) return new Map();
    const keyed = operators.map((operator) => {
      return { operator, labelValue: watched.sensed.operatorLabelValues.get(operator) ?? operator };
    });
    const keys = { topology: watched.labelValue, operators: keyed.map(({ labelValue }) => labelValue) };
    const sensed = await senseOperatorLabels(client, engine, keys, { atMs: clock.now(), windowMs }, signal);
    return new Map(keyed.map(({ operator, labelValue }) => [operator, sensed.get(labelValue) ?? {}]));
  };
}
