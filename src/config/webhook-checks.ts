// Checks `webhooks` beyond the schema: the keys that go with each type, and each type's own checks.
import type { UnlocatedFault } from '../grammar/config-fault.js';
import { entriesOf, partAt, type DocumentPart } from '../grammar/document-part.js';
import { findHttpConfigFaults } from '../grammar/http-config-checks.js';
import {
  DEFAULT_WEBHOOK_TYPE,
  WEBHOOK_TYPE_NAMES,
  webhookTypeOf,
  type WebhookTypeName,
} from '../webhooks/webhook-types.js';
import type { CheckContext } from './check-context.js';
import { otherKeysOf } from './webhook-schema.js';

export function findWebhookFaults(context: CheckContext): UnlocatedFault[] {
  return entriesOf(partAt(context.root, 'webhooks')).flatMap(([name, webhook]) => [
    ...webhookTypeOf({ type: typeNameIn(webhook) }).findFaults(webhook, name, context),
    ...keysOfOtherTypes(webhook),
    ...findHttpConfigFaults(context, partAt(webhook, 'http_config')),
  ]);
}

/** For an entry that may have faults: without a known type it counts as the default type. */
export function typeNameIn(webhook: DocumentPart): WebhookTypeName {
  const { value } = partAt(webhook, 'type');
  return WEBHOOK_TYPE_NAMES.find((name) => name === value) ?? DEFAULT_WEBHOOK_TYPE;
}

function keysOfOtherTypes(webhook: DocumentPart): UnlocatedFault[] {
  const type = typeNameIn(webhook);
  const { reason, instead } = webhookTypeOf({ type }).otherKeys;
  return otherKeysOf(type).flatMap((key): UnlocatedFault[] => {
    const { path, value } = partAt(webhook, key);
    const message = `means nothing for type ${type}${reason}${instead[key] ?? ''}`;
    return value === undefined ? [] : [{ path, message, isAboutKey: true }];
  });
}
