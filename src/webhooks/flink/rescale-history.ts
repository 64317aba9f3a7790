// PURE: what Flink's history of rescales says about what was asked for and not granted (`GET /jobs/<id>/rescales/history`, 2.3).
import { excerptOf } from '../../outbound/answer-excerpt.js';
import { isObject, parseList, type JsonObject } from '../../outbound/json-object.js';
import type { FlinkVertexOrder } from './flink-order.js';

/**
 * Of the last rescale, if it was to give these vertices what was asked for, and is over: `Flink's last rescale is IGNORED,
 * NO_RESOURCES_OR_PARALLELISMS_CHANGE (split has 2, not 4; slots: 2 of 4)`. null: it is about something else, under way, or all is granted.
 */
export function quoteRescaleHistory(text: string, vertices: readonly FlinkVertexOrder[]): string | null {
  const last = newestOf((parseList(text) ?? []).filter(isObject));
  if (last === null) return null;
  const entries = vertices.map((vertex) => ({ ...vertex, entry: entryOf(last, vertex) }));
  if (!entries.every(({ entry, to }) => entry?.['desiredParallelism'] === to)) return null;
  const { terminalState: state, terminatedReason: reason } = last;
  if (typeof state !== 'string') return null;
  const ungranted = entries.flatMap(({ operator, entry, to }) => {
    const found = grantedIn(entry);
    return found === null || found === to ? [] : [`${operator} has ${found}, not ${to}`];
  });
  if (state === 'COMPLETED' && ungranted.length === 0) return null;
  const why = typeof reason === 'string' && reason !== 'SUCCEEDED' ? `, ${excerptOf(reason, 80)}` : '';
  const facts = [...ungranted, ...slotsOf(last)];
  const detail = facts.length === 0 ? '' : ` (${facts.join('; ')})`;
  return `Flink's last rescale is ${excerptOf(state, 40)}${why}${detail}`;
}

function newestOf(rescales: readonly JsonObject[]): JsonObject | null {
  return rescales.reduce<JsonObject | null>(
    (last, one) => (last === null || startOf(one) >= startOf(last) ? one : last),
    null,
  );
}

function startOf({ startTimestampInMillis: start }: JsonObject): number {
  return typeof start === 'number' ? start : -Infinity;
}

function entryOf({ vertices }: JsonObject, { vertexId }: FlinkVertexOrder): JsonObject | null {
  const entry = isObject(vertices) && Object.hasOwn(vertices, vertexId) ? vertices[vertexId] : null;
  return isObject(entry) ? entry : null;
}

/** What the vertex has after it; of one that changed nothing, what it had before. */
function grantedIn(entry: JsonObject | null): number | null {
  return countOf(entry?.['postRescaleParallelism']) ?? countOf(entry?.['preRescaleParallelism']);
}

/** Of all slot sharing groups together: `slots: 5 of 12`. */
function slotsOf({ slots }: JsonObject): readonly string[] {
  const groups = isObject(slots) ? Object.values(slots).filter(isObject) : [];
  const counts = groups.map((group) => ({
    wanted: countOf(group['desiredSlots']),
    had: countOf(group['postRescaleSlots']) ?? countOf(group['preRescaleSlots']),
  }));
  const [wanted, had] = [sumOf(counts.map((one) => one.wanted)), sumOf(counts.map((one) => one.had))];
  return wanted === null || had === null ? [] : [`slots: ${had} of ${wanted}`];
}

function sumOf(counts: readonly (number | null)[]): number | null {
  return counts.length === 0 || counts.includes(null) ? null : counts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
}

function countOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}
