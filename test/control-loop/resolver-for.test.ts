import t from 'tap';
import type { WebhookRoutes } from '../../src/config/configuration.js';
import { resolverFor } from '../../src/control-loop/resolver-for.js';
import type { TopologyRules } from '../../src/control-loop/topology-rules.js';
import { sampleAction } from '../support/action-log-samples.js';
import { settingsWith } from '../support/measurements.js';
import { recalledWith } from '../support/recalled-logs.js';

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const SLOW = { topology: 'wordcount', operator: 'split', diagnosis: 'slow_instances' } as const;

/** The parts that matter here. */
function rulesWith(webhooks: WebhookRoutes): TopologyRules {
  const settings = settingsWith({ escalateForMs: HOUR_MS });
  return { settings, webhooks } as unknown as TopologyRules;
}

void t.test('the resolver is the first configured one that was not ineffective within escalate_for', (t) => {
  const both = rulesWith({ restart_instances: 'restarter', scale_up: 'scaler' });
  const restartAgo = (hours: number) =>
    sampleAction({
      resolver: 'restart_instances',
      state: 'judged',
      outcome: 'ineffective',
      judgedAtMs: NOW_MS - hours * HOUR_MS,
    });
  t.equal(resolverFor(SLOW, both, recalledWith({}), NOW_MS), 'restart_instances');
  t.equal(resolverFor(SLOW, both, recalledWith({ telling: [restartAgo(0.5)] }), NOW_MS), 'scale_up');
  t.equal(resolverFor(SLOW, both, recalledWith({ telling: [restartAgo(2)] }), NOW_MS), 'restart_instances');
  t.equal(
    resolverFor({ ...SLOW, operator: 'count' }, both, recalledWith({ telling: [restartAgo(0.5)] }), NOW_MS),
    'restart_instances',
  );
  t.equal(resolverFor(SLOW, rulesWith({ scale_up: 'scaler' }), recalledWith({}), NOW_MS), 'scale_up');
  t.end();
});
