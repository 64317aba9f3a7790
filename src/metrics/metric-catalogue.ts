// Every metric of the service, described once: the renderers, the table in README.md next to this file and the tests read it
// here. Metric names are spelt nowhere else. Node's own process metrics come from prom-client and are not listed.

export interface MetricDefinition {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Histograms: upper bounds, in the metric's unit. */
  readonly buckets?: readonly number[];
}

const OPERATOR = ['topology', 'operator'] as const;

/** Conclusions of the last evaluation and the state of the action log: rendered for every scrape. */
export const EVALUATION_METRICS = {
  topologyBackpressure: {
    name: 'dhalion_topology_backpressure',
    type: 'gauge',
    help: 'Whether anything in the topology reports backpressure (1) or not (0); absent while unknown.',
    labels: ['topology'],
  },
  symptom: {
    name: 'dhalion_symptom',
    type: 'gauge',
    help: 'Whether the operator shows the symptom (1) or not (0); absent while unknown.',
    labels: [...OPERATOR, 'symptom'],
  },
  diagnosis: {
    name: 'dhalion_diagnosis',
    type: 'gauge',
    help: 'Whether the diagnosis holds for the operator (1) or not (0); absent while unknown: something that it could rest on is, which for overprovisioning is the whole topology.',
    labels: [...OPERATOR, 'diagnosis'],
  },
  parallelism: {
    name: 'dhalion_operator_parallelism',
    type: 'gauge',
    help: 'Instances of the operator at the end of the last evaluated window.',
    labels: OPERATOR,
  },
  recommendedParallelism: {
    name: 'dhalion_operator_recommended_parallelism',
    type: 'gauge',
    help: 'Instances the diagnoses call for, without blacklist and cooldown; the current number if nothing is asked for. From the call of an action until a full window has seen its effect: the desired parallelism.',
    labels: OPERATOR,
  },
  pendingPackets: {
    name: 'dhalion_operator_pending_packets',
    type: 'gauge',
    help: 'Packets waiting in front of the operator, mean per instance over the window.',
    labels: OPERATOR,
  },
  suspendedRatio: {
    name: 'dhalion_operator_suspended_ratio',
    type: 'gauge',
    help: 'Share of the window (0 to 1) in which input was suspended because of this operator.',
    labels: OPERATOR,
  },
  processingRate: {
    name: 'dhalion_operator_processing_rate',
    type: 'gauge',
    help: 'Records per second of the whole operator, mean over the window.',
    labels: OPERATOR,
  },
  neededInstances: {
    name: 'dhalion_operator_needed_instances',
    type: 'gauge',
    help: "The offered load in instances' worth of work; scale-downs remember its peak. Absent while unknown.",
    labels: OPERATOR,
  },
  sensorMissing: {
    name: 'dhalion_sensor_missing',
    type: 'gauge',
    help: 'Always 1: the sensor has no data about the operator, so conclusions that need it are unknown.',
    labels: [...OPERATOR, 'sensor'],
  },
  blacklisted: {
    name: 'dhalion_blacklisted',
    type: 'gauge',
    help: 'Always 1: the resolver is not used against the diagnosis of this operator.',
    labels: [...OPERATOR, 'diagnosis', 'resolver'],
  },
  actionInFlight: {
    name: 'dhalion_action_in_flight',
    type: 'gauge',
    help: 'Whether an action of the resolver on the operator is claimed or settling (1), or was judged (0); absent before the first.',
    labels: [...OPERATOR, 'resolver'],
  },
  lastActionTimestamp: {
    name: 'dhalion_last_action_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time of the last action of the resolver on the operator; absent before the first.',
    labels: [...OPERATOR, 'resolver'],
  },
} as const satisfies Record<string, MetricDefinition>;

/** What the service itself has done and encountered since it started. */
export const SERVICE_METRICS = {
  buildInfo: {
    name: 'dhalion_build_info',
    type: 'gauge',
    help: 'Always 1; its labels say what is running.',
    labels: ['version', 'revision', 'node_version'],
  },
  actions: {
    name: 'dhalion_actions_total',
    type: 'counter',
    help: 'Actions judged, by outcome; one of several operators is counted once, under the most urgent. A topology that is gone for a day loses its series.',
    labels: [...OPERATOR, 'resolver', 'outcome'],
  },
  holds: {
    name: 'dhalion_holds_total',
    type: 'counter',
    help: 'Alerts answered by holding, by reason. The topology is empty if none of that name was evaluated within a day.',
    labels: ['topology', 'reason'],
  },
  alertsReceived: {
    name: 'dhalion_alerts_received_total',
    type: 'counter',
    help: 'Alerts with our labels that were committed to the action log.',
    labels: ['status'],
  },
  alertsIgnored: {
    name: 'dhalion_alerts_ignored_total',
    type: 'counter',
    help: 'Alerts in accepted notifications that were ignored, and those that the sender reports as cut off (truncated; at most 1,000,000 per notification).',
    labels: ['reason'],
  },
  lastNotificationTimestamp: {
    name: 'dhalion_last_notification_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a notification with alerts for Dhalion was last committed to the action log; absent before the first.',
    labels: [],
  },
  notificationsRefused: {
    name: 'dhalion_notifications_refused_total',
    type: 'counter',
    help: 'Notifications answered with an error, by HTTP status: none of their alerts was accepted.',
    labels: ['code'],
  },
  webhookRequests: {
    name: 'dhalion_webhook_requests_total',
    type: 'counter',
    help: 'Requests sent to scaling webhooks: one or more per attempt, depending on the type. The code is the HTTP status, or timeout, network or aborted if there was no answer.',
    labels: ['webhook', 'code'],
  },
  webhookRequestDuration: {
    name: 'dhalion_webhook_request_duration_seconds',
    type: 'histogram',
    help: 'Duration of calls to scaling webhooks, codes as in the counter of requests.',
    labels: ['webhook', 'code'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  evaluations: {
    name: 'dhalion_evaluations_total',
    type: 'counter',
    help: 'Evaluations of all topologies of an engine, failed ones included.',
    labels: ['engine'],
  },
  evaluationFailures: {
    name: 'dhalion_evaluation_failures_total',
    type: 'counter',
    help: 'Evaluations in which a query failed or its answer was partial, by the first error met.',
    labels: ['engine', 'reason'],
  },
  evaluationDuration: {
    name: 'dhalion_evaluation_duration_seconds',
    type: 'histogram',
    help: 'Duration of evaluations, the queries included.',
    labels: ['engine'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  lastEvaluationTimestamp: {
    name: 'dhalion_last_evaluation_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the last evaluation without a failure looked; absent before the first.',
    labels: ['engine'],
  },
  prometheusUp: {
    name: 'dhalion_prometheus_up',
    type: 'gauge',
    help: 'Whether Prometheus answered the last query (1) or not (0); absent before the first.',
    labels: [],
  },
  prometheusClockSkew: {
    name: 'dhalion_prometheus_clock_skew_seconds',
    type: 'gauge',
    help: 'How far the clock of Prometheus is ahead of ours, negative if behind, to about a second; absent before the first measurement.',
    labels: [],
  },
  storageUp: {
    name: 'dhalion_storage_up',
    type: 'gauge',
    help: 'Whether the action log could be read and written when last tried (1) or not (0).',
    labels: [],
  },
  logLinesLost: {
    name: 'dhalion_log_lines_lost_total',
    type: 'counter',
    help: 'Log lines that could not be written: a full disk, or a reader that is gone or stalled.',
    labels: [],
  },
  configLastReloadSuccessful: {
    name: 'dhalion_config_last_reload_successful',
    type: 'gauge',
    help: 'Whether the last attempt to load the configuration succeeded (1) or was refused (0).',
    labels: [],
  },
  configLastReloadSuccessTimestamp: {
    name: 'dhalion_config_last_reload_success_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the configuration in force was loaded.',
    labels: [],
  },
} as const satisfies Record<string, MetricDefinition>;

/** prom-client's own that break the naming rules (`_total` on gauges); each has a conforming twin without the suffix. */
export const OMITTED_NODE_METRICS = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
] as const;

export const METRIC_CATALOGUE: readonly MetricDefinition[] = [
  ...Object.values(EVALUATION_METRICS),
  ...Object.values(SERVICE_METRICS),
];

/** The catalogue as a Markdown table, for README.md next to this file. */
export function renderMetricTable(): string {
  const rows = METRIC_CATALOGUE.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')} |`,
  );
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}
