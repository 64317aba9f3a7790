// The list of webhook types. The configuration's schema, checks and settings are built from it.
import { FLINK_OPERATOR_WEBHOOK } from './flink-operator/flink-operator-webhook.js';
import { FLINK_WEBHOOK } from './flink/flink-webhook.js';
import { GENERIC_WEBHOOK } from './generic/generic-webhook.js';
import type { WebhookType } from './webhook-type.js';

/** By `type`; the first is the default, and first in the reference. */
export const WEBHOOK_TYPES = {
  generic: GENERIC_WEBHOOK,
  flink: FLINK_WEBHOOK,
  flink_operator: FLINK_OPERATOR_WEBHOOK,
} as const;

export type WebhookTypeName = keyof typeof WEBHOOK_TYPES;
type Type = (typeof WEBHOOK_TYPES)[WebhookTypeName];

export const WEBHOOK_TYPE_NAMES = Object.keys(WEBHOOK_TYPES) as WebhookTypeName[];
export const DEFAULT_WEBHOOK_TYPE = 'generic' satisfies WebhookTypeName;

/** The settings of one webhook, of any type. */
export type WebhookSettings = ReturnType<Type['settingsOf']>;

type Everything<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** An entry without faults: it only has the keys of its own type. */
type Entry = Everything<Parameters<Type['settingsOf']>[1]>;

/** @param webhook its settings, or an object with the name of the type */
export function webhookTypeOf({ type }: { readonly type: WebhookTypeName }): WebhookType<Entry, WebhookSettings> {
  return WEBHOOK_TYPES[type];
}

/** The keys of all types together. */
export const REQUEST_KEYS = allKeys('requestKeys');
export const SECRET_KEYS = allKeys('secretKeys');

function allKeys<Group extends 'requestKeys' | 'secretKeys'>(group: Group): Everything<Type[Group]> {
  return Object.assign({}, ...Object.values(WEBHOOK_TYPES).map((type) => type[group])) as Everything<Type[Group]>;
}
