// A route of Alertmanager in the words of the Prometheus operator's AlertmanagerConfig. Pure.
import { RECEIVER, type ShippedRoute } from './shipped-route.js';

export interface Notified {
  readonly url: string;
  /** Of `httpConfig`; empty: none. */
  readonly client: Readonly<Record<string, unknown>>;
}

/** The operator puts it before the routes of Alertmanager's own configuration, and has it continue to them. */
export function alertmanagerSpec(route: ShippedRoute, { url, client }: Notified): Readonly<Record<string, unknown>> {
  const { matchers, webhook } = route;
  return {
    route: {
      receiver: RECEIVER,
      matchers,
      groupBy: route.group_by,
      groupWait: route.group_wait,
      groupInterval: route.group_interval,
      repeatInterval: route.repeat_interval,
    },
    receivers: [
      {
        name: RECEIVER,
        webhookConfigs: [
          {
            url,
            sendResolved: webhook.send_resolved,
            maxAlerts: webhook.max_alerts,
            ...(Object.keys(client).length === 0 ? {} : { httpConfig: client }),
          },
        ],
      },
    ],
  };
}
