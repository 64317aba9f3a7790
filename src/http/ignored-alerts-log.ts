// Says once why alerts of a name are ignored: what is wrong with one is wrong with all that follow.
import type { Logger } from '../logger.js';
import type { IgnoredAlert } from './alertmanager-webhook.js';

/** Names come from whoever posts alerts: more than this are not remembered, and then not told. */
const MAX_TOLD = 1000;

export interface IgnoredAlertsLog {
  note(ignored: readonly IgnoredAlert[]): void;
}

export function createIgnoredAlertsLog(logger: Logger): IgnoredAlertsLog {
  const told = new Set<string>();
  return {
    note: (ignored) => {
      for (const { reason, alertname, because } of ignored) {
        const key = `${reason} ${alertname}`;
        if (told.has(key) || told.size > MAX_TOLD) continue;
        told.add(key);
        if (told.size > MAX_TOLD) logger.warn({}, 'further ignored alerts are only counted');
        else logger.warn({ alertname, reason, because }, 'ignored an alert, and ignores others like it');
      }
    },
  };
}
