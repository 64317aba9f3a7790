// POST /api/v1/alerts: Alertmanager's notifications. Answered with 2xx only once the alerts are durable.
import type { Express, RequestHandler } from 'express';
import type { Logger } from '../logger.js';
import type { AlertCounts } from '../metrics/service-metrics.js';
import { parseAlertmanagerWebhook } from './alertmanager-webhook.js';
import { sendError, sendSuccess } from './envelope.js';
import { createIgnoredAlertsLog } from './ignored-alerts-log.js';
import { jsonBody } from './json-body.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';

export const ALERTS_PATH = '/api/v1/alerts';

export interface AlertsRouteOptions {
  readonly service: Pick<ServiceView, 'acceptAlerts' | 'alertNames'>;
  /** Told what was accepted and ignored, once it is durable: a notification that is refused comes again. */
  readonly recordAlerts: (counts: AlertCounts) => void;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
}

export function addAlertsRoute(app: Express, options: AlertsRouteOptions): void {
  const { service, recordAlerts, logger, maxBodyBytes } = options;
  const refusals = createRefusalLog(logger);
  const ignoredAlerts = createIgnoredAlertsLog(logger);
  app
    .route(ALERTS_PATH)
    .post(...jsonBody(maxBodyBytes, refusals.refused), async (request, response) => {
      const parsed = parseAlertmanagerWebhook(request.body, service.alertNames());
      if (parsed.kind === 'fault') {
        refusals.refused('envelope', parsed.because);
        sendError(response, 400, parsed.because);
        return;
      }
      const { alerts, ignored, examples } = parsed;
      if (alerts.length > 0) await service.acceptAlerts(alerts);
      recordAlerts({ accepted: alerts, ignored });
      refusals.accepted();
      const { truncated = 0, ...notTakenUp } = Object.fromEntries(ignored);
      if (truncated > 0)
        logger.warn({ truncated }, 'alerts were cut off by the sender: raise max_alerts or group less');
      ignoredAlerts.note(examples);
      logger.debug({ accepted: alerts.length, ...notTakenUp }, 'accepted a notification');
      const ignoredCount = Object.values(notTakenUp).reduce((sum, count) => sum + count, 0);
      sendSuccess(response, { accepted: alerts.length, ignored: ignoredCount }, 202);
    })
    .all(allowOnly('POST'));
}

/** Each kind of refusal once until a notification is accepted again: what is wrong with a sender is wrong with all it sends. */
function createRefusalLog(logger: Logger): {
  refused: (kind: 400 | 415 | 'envelope', because: string) => void;
  accepted: () => void;
} {
  const told = new Set<400 | 415 | 'envelope'>();
  return {
    refused: (kind, because) => {
      if (!told.has(kind)) logger.warn({ error: because }, 'refused a notification');
      told.add(kind);
    },
    accepted: () => {
      told.clear();
    },
  };
}

/** Told the status of each notification that is answered with an error, whoever answers it. */
export function countRefusals(recordRefusal: (status: number) => void): RequestHandler {
  return (_request, response, next) => {
    response.once('finish', () => {
      if (response.statusCode >= 400) recordRefusal(response.statusCode);
    });
    next();
  };
}
