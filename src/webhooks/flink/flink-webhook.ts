// Type `flink`: Flink's REST API, without a receiver in between. It also reports the graphs of jobs.
import type { WebhookType } from '../webhook-type.js';
import { createFlinkCall, renderFlinkRequest } from './flink-call.js';
import { findFlinkFaults } from './flink-checks.js';
import { createFlinkGraphSource } from './flink-graphs.js';
import { createFlinkHoldUpReader } from './flink-hold-up.js';
import { flinkRequestKeys, flinkSettingsOf, type FlinkEntry, type FlinkWebhookSettings } from './flink-settings.js';

export const FLINK_WEBHOOK = {
  description: "Flink's REST API (1.18 or newer, `jobmanager.scheduler: adaptive`)",
  meanings: {
    url: "the JobManager's address, with its path prefix; the host may have labels (see `allowed_hosts`)",
    timeout: 'all requests of one attempt together',
  },
  requestKeys: flinkRequestKeys,
  secretKeys: {},
  otherKeys: {
    reason: ", whose requests are defined by Flink's REST API",
    instead: {
      headers: '; headers for a proxy belong in http_config.http_headers',
      signing_secret_file: '; credentials belong in http_config',
    },
  },
  // Such a call would succeed and change nothing: Flink only restarts or rebalances whole jobs.
  unserved: {
    restart_instances: "Flink's REST API cannot restart single subtasks",
    rebalance: "Flink's REST API cannot redistribute an operator's load",
  },
  // The calls need labels that Heron's series do not have, and a job in Flink.
  engines: { scales: 'jobs of Flink', foreign: ['heron'] },
  findFaults: findFlinkFaults,
  askedOfOneOperator: () => undefined,
  settingsOf: flinkSettingsOf,
  renderRequest: renderFlinkRequest,
  createCall: createFlinkCall,
  createGraphSource: createFlinkGraphSource,
  createHoldUpReader: createFlinkHoldUpReader,
} as const satisfies WebhookType<FlinkEntry, FlinkWebhookSettings>;
