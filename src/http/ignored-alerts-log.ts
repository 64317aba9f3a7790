// Logs once why alerts of a name are ignored: the reason is the same for all that follow.
import type { Logger } from '../logger.js';
import type { IgnoredAlert } from './alertmanager-webhook.js';

/** Senders choose the names: beyond this number they are neither remembered nor logged. */
const MAX_LOGGED = 1000;

export interface IgnoredAlertsLog {
  note(ignored: readonly IgnoredAlert[]): void;
}

export function createIgnoredAlertsLog(logger: Logger): IgnoredAlertsLog {
  const logged = new Set<string>();
  return {
    note: (ignored) => {
      for (const { reason, alertname, because } of ignored) {
        const key = `${reason} ${alertname}`;
        if (logged.has(key) || logged.size > MAX_LOGGED) continue;
        logged.add(key);
        if (logged.size > MAX_LOGGED) logger.warn({}, 'further ignored alerts are only counted');
        else logger.warn({ alertname, reason, because }, 'ignored an alert; later ones like it are not logged');
      }
    },
  };
}
