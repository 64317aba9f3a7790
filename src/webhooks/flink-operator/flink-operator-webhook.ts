// Type `flink_operator`: the resources of the Flink Kubernetes Operator, through the Kubernetes API. Such a change survives the job's next
// upgrade.
import type { KubernetesRule, WebhookType } from '../webhook-type.js';
import { createFlinkOperatorCall, renderFlinkOperatorRequest } from './flink-operator-call.js';
import { findFlinkOperatorFaults } from './flink-operator-checks.js';
import { createFlinkOperatorHoldUpReader } from './flink-operator-hold-up.js';
import { FLINK_API_GROUP } from './resource-place.js';
import {
  flinkOperatorRequestKeys,
  flinkOperatorSettingsOf,
  type FlinkOperatorEntry,
  type FlinkOperatorWebhookSettings,
} from './flink-operator-settings.js';

export const FLINK_OPERATOR_WEBHOOK = {
  description: 'the resources of the Flink Kubernetes Operator, through the Kubernetes API',
  meanings: {
    url: "the Kubernetes API server's address, such as `https://kubernetes.default.svc`",
    timeout: 'all requests of one attempt together',
  },
  requestKeys: flinkOperatorRequestKeys,
  secretKeys: {},
  otherKeys: {
    reason: ', whose requests are defined by the Kubernetes API',
    instead: {
      headers: '; headers for a proxy belong in http_config.http_headers',
      signing_secret_file: '; the token of a service account belongs in http_config.authorization.credentials_file',
      allowed_hosts: '; the Role of its service account limits what labels can reach',
    },
  },
  // The operator only restarts or moves whole jobs.
  unserved: {
    restart_instances: 'the Flink Kubernetes Operator cannot restart single subtasks',
    rebalance: "the Flink Kubernetes Operator cannot redistribute an operator's load",
  },
  engines: { scales: 'jobs of Flink', foreign: ['heron'] },
  findFaults: findFlinkOperatorFaults,
  askedOfOneOperator: () => undefined,
  settingsOf: flinkOperatorSettingsOf,
  renderRequest: renderFlinkOperatorRequest,
  createCall: createFlinkOperatorCall,
  kubernetesRules,
  createHoldUpReader: createFlinkOperatorHoldUpReader,
} as const satisfies WebhookType<FlinkOperatorEntry, FlinkOperatorWebhookSettings>;

/** The minimum rights: the configuration of a session job's cluster is read, never written. */
function kubernetesRules({ resource }: FlinkOperatorWebhookSettings): readonly KubernetesRule[] {
  const apiGroups = [FLINK_API_GROUP];
  const own = { apiGroups, resources: [resource], verbs: ['get', 'patch'] };
  const cluster = { apiGroups, resources: ['flinkdeployments'], verbs: ['get'] };
  return resource === 'flinksessionjobs' ? [own, cluster] : [own];
}
