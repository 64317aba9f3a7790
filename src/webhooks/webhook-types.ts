// The types of webhooks by the settings that name them. A further type takes its seat here.
import type { WebhookSettings } from '../config/configuration.js';
import { createFlinkCall, renderFlinkRequest } from './flink/flink-call.js';
import { createGenericCall } from './generic/generic-call.js';
import { renderRequest } from './generic/render-request.js';
import type { WebhookType } from './webhook-call.js';

export function webhookTypeOf(webhook: WebhookSettings): WebhookType {
  switch (webhook.type) {
    case 'generic':
      return {
        renderRequest: (body) => renderRequest(webhook, body),
        createCall: (parts) => createGenericCall({ ...parts, webhook }),
      };
    case 'flink':
      return {
        renderRequest: (body) => renderFlinkRequest(webhook, body),
        createCall: (parts) => createFlinkCall({ ...parts, webhook }),
      };
  }
}
