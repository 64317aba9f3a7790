// POST /api/v1/alerts: Alertmanager's notifications. The answer is 2xx only once the alerts are durable.
import type { Express, Request, RequestHandler } from 'express';
import type { IncomingAlert } from '../action-log/log-entries.js';
import type { Logger } from '../logger.js';
import type { AlertCounts } from '../metrics/service-metrics.js';
import { admitFew } from './admit-few.js';
import { sendError, sendSuccess } from './envelope.js';
import { createIgnoredAlertsLog } from './ignored-alerts-log.js';
import { jsonBytes } from './json-body.js';
import { SMALL_BODY_BYTES, type NotificationReader } from './read-notification.js';
import { allowOnly } from './route-methods.js';
import type { ServiceView } from './service-view.js';

export const ALERTS_PATH = '/api/v1/alerts';

export interface AlertsRouteOptions {
  readonly service: Pick<ServiceView, 'acceptAlerts' | 'alertNames'>;
  readonly notifications: NotificationReader;
  /** Receives accepted alerts as soon as they are durable, and ignored ones once all are: a refused notification comes again. */
  readonly recordAlerts: (counts: AlertCounts) => void;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
}

/** Limits for notifications of large or unknown size: how many are handled at a time, and how many wait unread. */
const MAX_LARGE = 4;
const MAX_LARGE_WAITING = 32;
const MAX_LARGE_WAIT_MS = 10_000;

export function addAlertsRoute(app: Express, options: AlertsRouteOptions): void {
  const { service, notifications, recordAlerts, logger, maxBodyBytes } = options;
  const refusals = createRefusalLog(logger);
  const ignoredAlerts = createIgnoredAlertsLog(logger);
  const admit = admitFew({
    maxAtOnce: MAX_LARGE,
    maxWaiting: MAX_LARGE_WAITING,
    maxWaitMs: MAX_LARGE_WAIT_MS,
    isCounted: mayBeLarge,
  });
  app
    .route(ALERTS_PATH)
    .post(...jsonBytes(maxBodyBytes, admit, refusals.refused), async (request, response) => {
      const givenUp = new AbortController();
      response.once('close', () => {
        if (!response.writableFinished) givenUp.abort();
      });
      const bytes = request.body as Buffer;
      const notification = await notifications.read(bytes, service.alertNames(), givenUp.signal);
      if (notification.kind === 'given_up') {
        logger.debug({ bytes: bytes.length }, 'skipped a notification: its sender has disconnected');
        return;
      }
      if (notification.kind !== 'notification') {
        const { kind, because } = notification;
        refusals.refused(kind === 'not_json' ? 400 : 'envelope', because);
        sendError(response, 400, because);
        return;
      }
      const { batches, ignored, examples } = notification;
      let accepted = 0;
      let durable: readonly IncomingAlert[] = [];
      for (const alerts of batches) {
        if (durable.length > 0) recordAlerts({ accepted: durable, ignored: new Map() });
        await service.acceptAlerts(alerts);
        durable = alerts;
        accepted += alerts.length;
      }
      recordAlerts({ accepted: durable, ignored });
      refusals.accepted();
      const { truncated = 0, ...notTakenUp } = Object.fromEntries(ignored);
      if (truncated > 0)
        logger.warn({ truncated }, 'the sender cut off alerts: raise max_alerts or group by more labels');
      ignoredAlerts.note(examples);
      logger.debug({ accepted, ...notTakenUp }, 'accepted a notification');
      const ignoredCount = Object.values(notTakenUp).reduce((sum, count) => sum + count, 0);
      sendSuccess(response, { accepted, ignored: ignoredCount }, 202);
    })
    .all(allowOnly('POST'));
}

function mayBeLarge(request: Request): boolean {
  const isPlain = request.get('content-encoding') === undefined;
  return !(isPlain && Number(request.get('content-length')) <= SMALL_BODY_BYTES);
}

/** Logs each kind of refusal once until a notification is accepted again: a fault of a sender affects all its notifications. */
function createRefusalLog(logger: Logger): {
  refused: (kind: 400 | 415 | 'envelope', because: string) => void;
  accepted: () => void;
} {
  const logged = new Set<400 | 415 | 'envelope'>();
  return {
    refused: (kind, because) => {
      if (!logged.has(kind)) logger.warn({ error: because }, 'refused a notification');
      logged.add(kind);
    },
    accepted: () => {
      logged.clear();
    },
  };
}

/** Receives the status of each notification answered with an error, whichever handler answers. */
export function countRefusals(recordRefusal: (status: number) => void): RequestHandler {
  return (_request, response, next) => {
    response.once('finish', () => {
      if (response.statusCode >= 400) recordRefusal(response.statusCode);
    });
    next();
  };
}
