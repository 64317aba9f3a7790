// A receiver for version 1 of the call: this project's simulator of that time.
import { ACTION_KINDS, type ActionKind } from '../../src/model/resolver.js';
import type { Parsed } from '../../src/simulator/simulator-request.js';

/** The fields that it reads from a body. */
export interface VersionOneRequest {
  readonly topology: string;
  readonly operator: string;
  readonly resolver: ActionKind;
  readonly desiredParallelism: number;
  readonly operatorInstances: readonly string[];
  /** Unix time, ms; null: does not expire. */
  readonly expiresAtMs: number | null;
}

export function readAsVersionOne(body: Readonly<Record<string, unknown>>): Parsed<VersionOneRequest> {
  const { topology, operator, resolver, desired_parallelism: desired } = body;
  const instances = body['operator_instances'] ?? [];
  const expiresAt = body['expires_at'] ?? null;
  if (typeof topology !== 'string') return fault('topology must be a string');
  if (typeof operator !== 'string') return fault('operator must be a string');
  if (!isActionKind(resolver)) return fault(`resolver must be one of ${ACTION_KINDS.join(', ')}`);
  if (!isWhole(desired, 1)) return fault('desired_parallelism must be a whole number from 1 up');
  if (!Array.isArray(instances) || !instances.every((name) => typeof name === 'string')) {
    return fault('operator_instances must be a list of strings');
  }
  const expiresAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : null;
  if ((expiresAt !== null && expiresAtMs === null) || Number.isNaN(expiresAtMs)) {
    return fault('expires_at must be a time as in RFC 3339');
  }
  const value = {
    topology,
    operator,
    resolver,
    desiredParallelism: desired,
    operatorInstances: instances,
    expiresAtMs,
  };
  return { ok: true, value };
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
