// The bodies of the simulator's HTTP requests: the scaling webhook's, and those of its own controls. A fault is a value
// that names the field; the server decides how to answer.
import { ACTION_KINDS, type ActionKind } from '../model/resolver.js';
import type { HotKey } from './key-skew.js';
import type { SlowInstance } from './topology-spec.js';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: string };

/** The used part of the scaling webhook's body. */
export interface ScaleRequest {
  readonly topology: string;
  readonly resolver: ActionKind;
  readonly operators: readonly OperatorRequest[];
  /** Unix time, ms; null: does not expire. */
  readonly expiresAtMs: number | null;
}

export interface OperatorRequest {
  readonly operator: string;
  readonly desiredParallelism: number;
  readonly operatorInstances: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

export function parseJsonObject(text: unknown): Parsed<Fields> {
  if (typeof text !== 'string' || text === '')
    return fault('the body must be JSON, with content-type application/json');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { ok: true, value: value as Fields };
  } catch {
    return fault('the body is not valid JSON');
  }
  return fault('the body must be a JSON object');
}

/** A body of version 1 is about one operator; one of version 2 is about all in its list. */
export function parseScaleRequest(body: Fields): Parsed<ScaleRequest> {
  const { topology, resolver, operators = [body] } = body;
  const expiresAt = body['expires_at'] ?? null;
  if (typeof topology !== 'string') return fault('topology must be a string');
  if (!isActionKind(resolver)) return fault(`resolver must be one of ${ACTION_KINDS.join(', ')}`);
  const expiresAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : null;
  if ((expiresAt !== null && expiresAtMs === null) || Number.isNaN(expiresAtMs)) {
    return fault('expires_at must be a time as in RFC 3339');
  }
  if (!Array.isArray(operators) || operators.length === 0) return fault('operators must be a list that is not empty');
  const wanted: OperatorRequest[] = [];
  for (const one of operators as readonly unknown[]) {
    const parsed = parseOperatorRequest(one);
    if (!parsed.ok) return parsed;
    wanted.push(parsed.value);
  }
  return { ok: true, value: { topology, resolver, operators: wanted, expiresAtMs } };
}

function parseOperatorRequest(one: unknown): Parsed<OperatorRequest> {
  if (typeof one !== 'object' || one === null) return fault('operators must be a list of objects');
  const { operator, desired_parallelism: desired, operator_instances: instances = [] } = one as Fields;
  if (typeof operator !== 'string') return fault('operator must be a string');
  if (!isWhole(desired, 1)) return fault('desired_parallelism must be a whole number from 1 up');
  if (!Array.isArray(instances) || !instances.every((name) => typeof name === 'string')) {
    return fault('operator_instances must be a list of strings');
  }
  return { ok: true, value: { operator, desiredParallelism: desired, operatorInstances: instances } };
}

export interface LoadRequest {
  readonly offeredRate: number;
  readonly operator: string | null;
}

export function parseLoadRequest(body: Fields): Parsed<LoadRequest> {
  const { offered_rate: offeredRate, operator = null } = body;
  if (typeof offeredRate !== 'number' || !(offeredRate >= 0)) return fault('offered_rate must be a number from 0 up');
  if (operator !== null && typeof operator !== 'string') return fault('operator must be a string');
  return { ok: true, value: { offeredRate, operator } };
}

export interface SlowRequest {
  readonly operator: string;
  /** null: normal speed. */
  readonly slow: SlowInstance | null;
}

/** `{operator, index, factor, incurable?}`; a factor of 1 ends it. */
export function parseSlowRequest(body: Fields): Parsed<SlowRequest> {
  const { operator, index, factor, incurable = false } = body;
  if (typeof operator !== 'string') return fault('operator must be a string');
  if (!isWhole(index, 0)) return fault('index must be a whole number from 0 up');
  if (typeof factor !== 'number' || !(factor >= 1)) return fault('factor must be a number from 1 up');
  if (typeof incurable !== 'boolean') return fault('incurable must be true or false');
  return { ok: true, value: { operator, slow: factor === 1 ? null : { index, factor, incurable } } };
}

export interface HotKeyRequest {
  readonly operator: string;
  /** null: no hot key. */
  readonly hotKey: HotKey | null;
}

/** `{operator, instance, share, incurable?}`; a share of 0 ends it. */
export function parseHotKeyRequest(body: Fields): Parsed<HotKeyRequest> {
  const { operator, instance, share, incurable = false } = body;
  if (typeof operator !== 'string') return fault('operator must be a string');
  if (!isWhole(instance, 0)) return fault('instance must be a whole number from 0 up');
  if (typeof share !== 'number' || !(share >= 0 && share <= 1)) return fault('share must be a number from 0 to 1');
  if (typeof incurable !== 'boolean') return fault('incurable must be true or false');
  return { ok: true, value: { operator, hotKey: share === 0 ? null : { instance, share, incurable } } };
}

function isActionKind(name: unknown): name is ActionKind {
  return (ACTION_KINDS as readonly unknown[]).includes(name);
}

function isWhole(value: unknown, lowest: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= lowest;
}

function fault(because: string): { ok: false; fault: string } {
  return { ok: false, fault: because };
}
