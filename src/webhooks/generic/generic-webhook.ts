// Type `generic`: an HTTP call of the user's, whose URL and body may be templates.
import type { WebhookBody } from '../webhook-body.js';
import type { WebhookType } from '../webhook-type.js';
import { createGenericCall } from './generic-call.js';
import { askedOfOneOperator, findGenericFaults } from './generic-checks.js';
import { genericRequestKeys, genericSecretKeys, type GenericEntry } from './generic-schema.js';
import { genericSettingsOf, type GenericWebhookSettings } from './generic-settings.js';
import { renderRequest } from './render-request.js';

export const GENERIC_WEBHOOK = {
  description: 'an HTTP call of yours',
  meanings: {
    url: 'Path and query may be Liquid templates, the values are encoded',
    timeout: 'For one call, connecting included',
  },
  requestKeys: genericRequestKeys,
  secretKeys: genericSecretKeys,
  otherKeys: { reason: ', whose calls are what its own keys say', instead: {} },
  unserved: {},
  engines: { scales: 'topologies of any engine', foreign: [] },
  findFaults: findGenericFaults,
  askedOfOneOperator,
  settingsOf: genericSettingsOf,
  renderRequest: (webhook: GenericWebhookSettings, body: WebhookBody) => renderRequest(webhook, body),
  createCall: createGenericCall,
} as const satisfies WebhookType<GenericEntry, GenericWebhookSettings>;
