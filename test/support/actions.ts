// An action to start a table from.
import { NOT_SETTLED, type Action } from '../../src/model/action.js';

export function actionWith(changes: Partial<Action> = {}): Action {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    topology: 'wordcount',
    operator: 'split',
    resolver: 'scale_up',
    diagnosis: 'underprovisioning',
    state: 'claimed',
    outcome: null,
    currentParallelism: 2,
    desiredParallelism: 4,
    operatorInstances: [],
    reverts: null,
    revertedBy: null,
    reason: {
      suspendedRatio: 0.5,
      pendingPackets: 90,
      processingRate: 100,
      sourceBacklog: null,
      offeredRate: null,
      missingSensors: [],
    },
    dryRun: false,
    claimedAtMs: 0,
    expiresAtMs: 300_000,
    completedAtMs: null,
    judgedAtMs: null,
    attempts: 0,
    failure: null,
    refusal: null,
    webhook: 'scaler',
    request: { url: 'http://127.0.0.1:9/scale', method: 'POST', contentType: 'application/json', body: '{}' },
    settling: NOT_SETTLED,
    ...changes,
  };
}
