// Summarizes a configuration in a few lines, for `check config`.
import { listNames } from '../grammar/config-fault.js';
import type { Configuration, WebhookRoutes } from './configuration.js';
import { describePermissions } from './describe-permissions.js';
import { renderDuration } from '../grammar/duration.js';
import { MODES } from '../model/policy-settings.js';

/** First what it may do, in sentences; then lines of `subject: what`. Without a line end after the last. */
export function summarizeConfiguration(configuration: Configuration): string {
  const { prometheus, evaluationIntervalMs, windowMs, engines, topologies, discoveries, webhooks } = configuration;
  const watched = [...topologies, ...discoveries];
  const steps = [...engines.values()].map(({ name, resolutionMs }) => `${name} (step ${renderDuration(resolutionMs)})`);
  const listed = topologies.length === 0 ? '' : ` (${listNames(topologies.map(({ name }) => name))})`;
  const patterns = discoveries.map(({ engine, pattern }) => `${engine} ${JSON.stringify(pattern)}`);
  const discovered = patterns.length === 0 ? '' : ` (${listNames(patterns)})`;
  const modes = MODES.map((mode) => ({ mode, count: watched.filter(({ policy }) => policy.mode === mode).length }));
  const lines = [
    ...describePermissions(configuration),
    `prometheus: ${prometheus.url} (${prometheus.method}, timeout ${renderDuration(prometheus.timeoutMs)})`,
    `evaluation: every ${renderDuration(evaluationIntervalMs)} over a window of ${renderDuration(windowMs)}`,
    `engines: ${listNames(steps)}`,
    `topologies: ${topologies.length} listed${listed}`,
    `discoveries: ${discoveries.length}${discovered}`,
    `webhooks: ${listNames(webhooks.keys())}`,
    `modes: ${listNames(modes.filter(({ count }) => count > 0).map(({ mode, count }) => `${mode} ${count}`))}`,
  ];
  const idle = watched.filter(({ webhooks: routes }) => !hasRoute(routes)).length;
  return [...lines, ...(idle === 0 ? [] : [`recommendation only (no webhook): ${idle} of ${watched.length}`])].join(
    '\n',
  );
}

function hasRoute(routes: WebhookRoutes): boolean {
  return Object.keys(routes).length > 0;
}
