// Type `generic`: an HTTP call that the user defines; its URL and body may be templates.
import type { WebhookBody } from '../webhook-body.js';
import type { WebhookType } from '../webhook-type.js';
import { createGenericCall } from './generic-call.js';
import { askedOfOneOperator, findGenericFaults } from './generic-checks.js';
import {
  genericRequestKeys,
  genericSecretKeys,
  genericSettingsOf,
  type GenericEntry,
  type GenericWebhookSettings,
} from './generic-settings.js';
import { renderRequest } from './render-request.js';

export const GENERIC_WEBHOOK = {
  description: 'an HTTP call that you define',
  meanings: {
    url: 'Path and query may be Liquid templates, with encoded values',
    timeout: 'For one call, including the connection',
  },
  requestKeys: genericRequestKeys,
  secretKeys: genericSecretKeys,
  otherKeys: { reason: ', whose calls are defined by its own keys', instead: {} },
  unserved: {},
  engines: { scales: 'topologies of any engine', foreign: [] },
  findFaults: findGenericFaults,
  askedOfOneOperator,
  settingsOf: genericSettingsOf,
  renderRequest: (webhook: GenericWebhookSettings, body: WebhookBody) => renderRequest(webhook, body),
  createCall: createGenericCall,
} as const satisfies WebhookType<GenericEntry, GenericWebhookSettings>;
