// The HTTP interface as one express app: security headers, the routes of contract section 8, errors in the envelope.
// Listening is http-server.ts'; what the routes tell and take is the service's.
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Logger } from '../logger.js';
import type { AlertCounts } from '../metrics/service-metrics.js';
import { addAlertsRoute } from './alerts-route.js';
import { answerNotFound, createErrorHandler } from './error-handler.js';
import { DEFAULT_MAX_BODY_BYTES } from './json-body.js';
import { addLandingPage } from './landing-page.js';
import { addLifecycleRoutes } from './lifecycle-routes.js';
import { addLogRoutes } from './log-routes.js';
import { addMetricsRoute } from './metrics-route.js';
import type { ServiceView } from './service-view.js';
import { addTopologyRoutes } from './topology-routes.js';

export interface AppOptions {
  readonly service: ServiceView;
  /** Told what was accepted and ignored of each notification. */
  readonly recordAlerts: (counts: AlertCounts) => void;
  readonly logger: Logger;
  readonly version: string;
  /** Of a notification, after decompression; default 10 MiB. */
  readonly maxBodyBytes?: number;
}

export function createApp(options: AppOptions): Express {
  const { service, recordAlerts, logger, version, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');
  app.use(securityHeaders());
  addLandingPage(app, version);
  addLifecycleRoutes(app, service);
  addMetricsRoute(app, service);
  addAlertsRoute(app, { service, recordAlerts, logger, maxBodyBytes });
  addTopologyRoutes(app, service);
  addLogRoutes(app, service);
  app.use(answerNotFound);
  app.use(createErrorHandler(logger));
  return app;
}

/** helmet's, except what would force a page served over plain HTTP on to HTTPS. */
function securityHeaders(): ReturnType<typeof helmet> {
  return helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] },
    },
  });
}
