// PURE: the labels of an action's operators, from the body in the action log. Used by types without a receiver of the user's.
import type { Action } from '../model/action.js';
import { isObject, parseObject } from '../outbound/json-object.js';

export type Labels = Readonly<Record<string, unknown>>;

/** By operator. A body of version 1, from before an upgrade, has the labels of its only operator. */
export function labelsInAction({ operators, request }: Action): readonly (readonly [string, Labels])[] {
  const body = parseObject(request.body);
  const told = body?.['operators'];
  if (!Array.isArray(told)) return [[operators[0].operator, objectOf(body?.['labels'])]];
  return told.flatMap((one: unknown): [string, Labels][] => {
    const name = objectOf(one)['operator'];
    return typeof name === 'string' ? [[name, objectOf(objectOf(one)['labels'])]] : [];
  });
}

/** The value of the label; null: the series do not have it, or it differs between them. */
export function labelIn(labels: Labels, name: string): string | null {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return typeof value === 'string' ? value : null;
}

function objectOf(value: unknown): Labels {
  return isObject(value) ? value : {};
}
