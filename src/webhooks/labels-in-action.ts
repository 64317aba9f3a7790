// PURE: the labels of an action's operators, out of the body that was written with the claim. For types whose calls Dhalion itself reads.
import type { Action } from '../model/action.js';
import { isObject, parseObject } from '../outbound/json-object.js';

export type Labels = Readonly<Record<string, unknown>>;

/** By operator. A body of version 1, written before an upgrade, is about the only one. */
export function labelsInAction({ operators, request }: Action): readonly (readonly [string, Labels])[] {
  const body = parseObject(request.body);
  const told = body?.['operators'];
  if (!Array.isArray(told)) return [[operators[0].operator, objectOf(body?.['labels'])]];
  return told.flatMap((one: unknown): [string, Labels][] => {
    const name = objectOf(one)['operator'];
    return typeof name === 'string' ? [[name, objectOf(objectOf(one)['labels'])]] : [];
  });
}

/** The label's text; null: the series have no such label, or not the same on all of them. */
export function labelIn(labels: Labels, name: string): string | null {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return typeof value === 'string' ? value : null;
}

function objectOf(value: unknown): Labels {
  return isObject(value) ? value : {};
}
