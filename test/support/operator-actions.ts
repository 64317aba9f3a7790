// Actions for webhooks of type flink_operator, on what kubernetes-api-server.ts has.
import { mapOperators, type Action } from '../../src/model/action.js';
import { renderFlinkOperatorRequest } from '../../src/webhooks/flink-operator/flink-operator-call.js';
import type { FlinkOperatorWebhookSettings } from '../../src/webhooks/flink-operator/flink-operator-settings.js';
import { webhookBodyOf } from '../../src/webhooks/webhook-body.js';
import { JOB_ID, VERTEX_IDS } from './flink-rest-server.js';
import { DEPLOYMENT, NAMESPACE, SESSION_JOB } from './kubernetes-api-server.js';
import { sampleAction, sampleFacts, sampleFlinkOperatorWebhook, type FactsChanges } from './webhook-samples.js';

const PLACE = { namespace: NAMESPACE, app: DEPLOYMENT };
export const SPLIT_LABELS = { ...PLACE, job_id: JOB_ID, task_id: VERTEX_IDS.split };
export const COUNT_LABELS = { ...PLACE, job_id: JOB_ID, task_id: VERTEX_IDS.count };
export const SPLIT_KEY = `pipeline.jobvertex-parallelism-overrides.${VERTEX_IDS.split}`;
export const COUNT_KEY = `pipeline.jobvertex-parallelism-overrides.${VERTEX_IDS.count}`;
export const OUT_KEY = `pipeline.jobvertex-parallelism-overrides.${VERTEX_IDS.out}`;

/** Of split, from 2 to 4, unless it is changed. */
export function operatorActionFor(
  url: string,
  more: FactsChanges = {},
  {
    webhook = {},
    ...action
  }: Partial<Omit<Action, 'webhook'>> & { webhook?: Partial<FlinkOperatorWebhookSettings> } = {},
): Action {
  const facts = sampleFacts({ labels: SPLIT_LABELS, ...more });
  const request = renderFlinkOperatorRequest(sampleFlinkOperatorWebhook(url, webhook), webhookBodyOf(facts));
  const operators = mapOperators(facts.operators, ({ labels: _, ...asked }) => asked);
  return sampleAction({ ...facts, operators, request, ...action });
}

/** The same of the session job. */
export function sessionJobActionFor(url: string, more: FactsChanges = {}): Action {
  const labels = { ...SPLIT_LABELS, app: 'its-cluster', flink_job: SESSION_JOB };
  return operatorActionFor(url, { labels, ...more }, { webhook: SESSION_JOBS });
}

export const SESSION_JOBS = { resource: 'flinksessionjobs', nameLabel: 'flink_job' } as const;
