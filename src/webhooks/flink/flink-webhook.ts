// Type `flink`: Flink's own REST API, without a receiver in between; it tells the graphs of the jobs too.
import type { WebhookType } from '../webhook-type.js';
import { createFlinkCall, renderFlinkRequest } from './flink-call.js';
import { findFlinkFaults } from './flink-checks.js';
import { createFlinkGraphSource } from './flink-graphs.js';
import { createFlinkHoldUpReader } from './flink-hold-up.js';
import { flinkRequestKeys, type FlinkEntry } from './flink-schema.js';
import { flinkSettingsOf, type FlinkWebhookSettings } from './flink-settings.js';

export const FLINK_WEBHOOK = {
  description: "Flink's own REST API (1.18 or newer, `jobmanager.scheduler: adaptive`)",
  meanings: {
    url: "the JobManager's address, whose path prefix is kept, and whose host may have labels (see `allowed_hosts`)",
    timeout: 'the requests of one attempt together',
  },
  requestKeys: flinkRequestKeys,
  secretKeys: {},
  otherKeys: {
    reason: ", whose requests are those of Flink's REST API",
    instead: {
      headers: '; headers for a proxy belong in http_config.http_headers',
      signing_secret_file: '; credentials belong in http_config',
    },
  },
  // What would be answered as a success and change nothing: Flink restarts or rebalances nothing smaller than the whole job.
  unserved: {
    restart_instances: "Flink's REST API cannot restart single subtasks",
    rebalance: "Flink's REST API cannot redistribute an operator's load",
  },
  // The calls are made from labels that Heron's series do not have, for a job that no Flink runs.
  engines: { scales: 'jobs of Flink', foreign: ['heron'] },
  findFaults: findFlinkFaults,
  askedOfOneOperator: () => undefined,
  settingsOf: flinkSettingsOf,
  renderRequest: renderFlinkRequest,
  createCall: createFlinkCall,
  createGraphSource: createFlinkGraphSource,
  createHoldUpReader: createFlinkHoldUpReader,
} as const satisfies WebhookType<FlinkEntry, FlinkWebhookSettings>;
