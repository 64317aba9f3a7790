// Bodies of version 1, each as sent by a version of Dhalion that knew no other, with the facts that it was made from.
import type { WebhookFacts } from '../../src/webhooks/webhook-body.js';
import { sampleFacts } from './webhook-samples.js';

export const RECORDED_V1: readonly (readonly [WebhookFacts, string])[] = [
  [
    sampleFacts({}),
    '{"version":"1","id":"0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10","type":"dhalion.scale_up","timestamp":"2026-02-03T04:05:06.789Z","expires_at":"2026-02-03T04:10:06.789Z","topology":"wordcount","operator":"split","resolver":"scale_up","diagnosis":"underprovisioning","current_parallelism":2,"desired_parallelism":4,"operator_instances":[],"reverts":null,"labels":{"job_id":"a1","task_id":"b2"},"reason":{"suspended_ratio":0.5,"pending_packets":812.5,"processing_rate":1034.2}}',
  ],
  [
    sampleFacts({
      resolver: 'scale_down',
      diagnosis: 'overprovisioning',
      currentParallelism: 4,
      desiredParallelism: 3,
      reason: { suspendedRatio: 0, pendingPackets: 0.25, processingRate: 900 },
    }),
    '{"version":"1","id":"0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10","type":"dhalion.scale_down","timestamp":"2026-02-03T04:05:06.789Z","expires_at":"2026-02-03T04:10:06.789Z","topology":"wordcount","operator":"split","resolver":"scale_down","diagnosis":"overprovisioning","current_parallelism":4,"desired_parallelism":3,"operator_instances":[],"reverts":null,"labels":{"job_id":"a1","task_id":"b2"},"reason":{"suspended_ratio":0,"pending_packets":0.25,"processing_rate":900}}',
  ],
  [
    sampleFacts({
      resolver: 'restart_instances',
      diagnosis: 'slow_instances',
      desiredParallelism: 2,
      operatorInstances: ['1'],
    }),
    '{"version":"1","id":"0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10","type":"dhalion.restart_instances","timestamp":"2026-02-03T04:05:06.789Z","expires_at":"2026-02-03T04:10:06.789Z","topology":"wordcount","operator":"split","resolver":"restart_instances","diagnosis":"slow_instances","current_parallelism":2,"desired_parallelism":2,"operator_instances":["1"],"reverts":null,"labels":{"job_id":"a1","task_id":"b2"},"reason":{"suspended_ratio":0.5,"pending_packets":812.5,"processing_rate":1034.2}}',
  ],
  [
    sampleFacts({
      resolver: 'rebalance',
      diagnosis: 'data_skew',
      desiredParallelism: 2,
      operatorInstances: ['0', '3'],
      reason: { suspendedRatio: null, pendingPackets: null, processingRate: null },
    }),
    '{"version":"1","id":"0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10","type":"dhalion.rebalance","timestamp":"2026-02-03T04:05:06.789Z","expires_at":"2026-02-03T04:10:06.789Z","topology":"wordcount","operator":"split","resolver":"rebalance","diagnosis":"data_skew","current_parallelism":2,"desired_parallelism":2,"operator_instances":["0","3"],"reverts":null,"labels":{"job_id":"a1","task_id":"b2"},"reason":{"suspended_ratio":null,"pending_packets":null,"processing_rate":null}}',
  ],
  [
    sampleFacts({
      resolver: 'revert',
      diagnosis: 'overprovisioning',
      currentParallelism: 3,
      desiredParallelism: 4,
      reverts: '1b4e28ba-2fa1-41d2-883f-0016d3cca427',
    }),
    '{"version":"1","id":"0f9c5a3e-7d59-4c52-9d1b-5f1b9a4c2e10","type":"dhalion.revert","timestamp":"2026-02-03T04:05:06.789Z","expires_at":"2026-02-03T04:10:06.789Z","topology":"wordcount","operator":"split","resolver":"revert","diagnosis":"overprovisioning","current_parallelism":3,"desired_parallelism":4,"operator_instances":[],"reverts":"1b4e28ba-2fa1-41d2-883f-0016d3cca427","labels":{"job_id":"a1","task_id":"b2"},"reason":{"suspended_ratio":0.5,"pending_packets":812.5,"processing_rate":1034.2}}',
  ],
];
