// An Alertmanager route as an AlertmanagerConfig of the Prometheus operator. Pure.
import { RECEIVER, type ShippedRoute } from './shipped-route.js';

export interface Notified {
  readonly url: string;
  /** The value of `httpConfig`; empty: none. */
  readonly client: Readonly<Record<string, unknown>>;
}

/** The operator inserts this route before those of Alertmanager's own configuration, with `continue`. */
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
