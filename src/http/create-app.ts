// The HTTP interface as one express app: security headers, the routes, errors in the envelope.
// http-server.ts listens; the service provides and receives the data.
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from '../logger.js';
import type { AlertCounts } from '../metrics/service-metrics.js';
import { addAlertsRoute, ALERTS_PATH, countRefusals } from './alerts-route.js';
import { addBlacklistRoutes } from './blacklist-routes.js';
import { createAuthentication, createConfiguredHeaders, type AccessControl } from './authenticate.js';
import { refuseCrossSite } from './cross-site-guard.js';
import { answerNotFound, createErrorHandler } from './error-handler.js';
import { DEFAULT_MAX_BODY_BYTES } from './json-body.js';
import { addHistoryRoute } from './history-route.js';
import { addInstanceRoutes } from './instance-routes.js';
import { addLifecycleRoutes } from './lifecycle-routes.js';
import type { EventStreams } from './event-streams.js';
import { addEventsRoute } from './events-route.js';
import { addLogRoutes } from './log-routes.js';
import { addMetricsRoute } from './metrics-route.js';
import { addOpenApiRoute } from './openapi-route.js';
import { addStatusPage } from './page/status-page-routes.js';
import { addPauseRoutes } from './pause-routes.js';
import type { NotificationReader } from './read-notification.js';
import type { ServiceView } from './service-view.js';
import { addTopologyRoutes } from './topology-routes.js';

export interface AppOptions {
  readonly service: ServiceView;
  /** Ended by the caller before the server closes, since open streams would delay it. */
  readonly streams: EventStreams;
  /** Closed by the caller. */
  readonly notifications: NotificationReader;
  /** Absent: no authentication. */
  readonly access?: AccessControl;
  /** Receives the accepted and ignored alerts of each notification. */
  readonly recordAlerts: (counts: AlertCounts) => void;
  /** Receives the status of each notification answered with an error. */
  readonly recordRefusal: (status: number) => void;
  readonly logger: Logger;
  readonly version: string;
  /** Limit of a notification, after decompression; default 10 MiB. */
  readonly maxBodyBytes?: number;
}

export function createApp(options: AppOptions): Express {
  const {
    service,
    streams,
    notifications,
    access,
    recordAlerts,
    recordRefusal,
    logger,
    version,
    maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
  } = options;
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');
  app.use(securityHeaders());
  if (access !== undefined) app.use(createConfiguredHeaders(access));
  app.post(ALERTS_PATH, countRefusals(recordRefusal));
  app.use(refuseCrossSite);
  if (access !== undefined) app.use(createAuthentication(access, logger));
  addStatusPage(app, version);
  const problems = () => problemsOf(service, access);
  addLifecycleRoutes(app, { problems, warnings: () => service.warnings(), reload: () => service.reload() });
  addMetricsRoute(app, service);
  addAlertsRoute(app, { service, notifications, recordAlerts, logger, maxBodyBytes });
  addTopologyRoutes(app, service);
  addHistoryRoute(app, service);
  addInstanceRoutes(app, service);
  addLogRoutes(app, service);
  addBlacklistRoutes(app, service);
  addPauseRoutes(app, service);
  addEventsRoute(app, streams);
  service.onChange((change) => {
    streams.announce(change);
  });
  addOpenApiRoute(app, version, access);
  app.use(answerNotFound);
  app.use(createErrorHandler(logger));
  return app;
}

/** Without access only health and readiness answer. The log has the fault, since readiness is public. */
async function problemsOf(service: ServiceView, access: AccessControl | undefined): Promise<readonly string[]> {
  const isBad = access?.webConfig.current() === null;
  return [...(isBad ? ['web configuration: cannot be used, see the log'] : []), ...(await service.problems())];
}

const NOTHING = { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] };
/** For the status page: only its own files and API, and no text becomes markup. */
const OWN_FILES = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  requireTrustedTypesFor: ["'script'"],
  trustedTypes: ["'none'"],
};

/** helmet's, except those that would force a page served over plain HTTP to HTTPS. */
function securityHeaders(): RequestHandler {
  const headersWith = (directives: Readonly<Record<string, string[]>>): ReturnType<typeof helmet> =>
    helmet({ strictTransportSecurity: false, contentSecurityPolicy: { useDefaults: false, directives } });
  const forAnswers = headersWith(NOTHING);
  const forPage = headersWith(OWN_FILES);
  return (request, response, next) => {
    (request.path === '/' ? forPage : forAnswers)(request, response, next);
  };
}
