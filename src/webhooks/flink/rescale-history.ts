// PURE: what Flink (2.3) reports about a finished rescale that did not grant the desired parallelism. The history
// (`GET /jobs/<id>/rescales/history`) lists rescales without vertices; `GET /jobs/<id>/rescales/details/<id>` has the vertices of one.
import { excerptOf } from '../../outbound/answer-excerpt.js';
import { isObject, parseList, parseObject, type JsonObject } from '../../outbound/json-object.js';
import type { FlinkVertexOrder } from './flink-order.js';

/** The last rescale of a history, if it is finished; null: it is in progress, or there is none. */
export function lastRescaleOf(history: string): string | null {
  const last = (parseList(history) ?? [])
    .filter(isObject)
    .reduce<JsonObject | null>((found, one) => (found !== null && startOf(found) > startOf(one) ? found : one), null);
  const id = last?.['rescaleUuid'];
  return typeof id === 'string' && /^[0-9a-f-]{1,64}$/.test(id) && typeof last?.['terminalState'] === 'string'
    ? id
    : null;
}

/**
 * For a rescale to the desired parallelism of these vertices: `Flink's last rescale is COMPLETED (split has 12, not 16; slots: 12 of 16)`.
 * Without words: it granted everything. null: it is another rescale.
 */
export function quoteRescale(
  details: string,
  vertices: readonly FlinkVertexOrder[],
): { readonly words: string | null } | null {
  const rescale = parseObject(details);
  if (rescale === null) return null;
  const entries = vertices.map((vertex) => ({ ...vertex, entry: entryOf(rescale, vertex) }));
  if (!entries.every(({ entry, to }) => entry?.['desiredParallelism'] === to)) return null;
  const { terminalState: state, terminatedReason: reason } = rescale;
  if (typeof state !== 'string') return null;
  const ungranted = entries.flatMap(({ operator, entry, to }) => {
    const found = grantedIn(entry);
    return found === null || found === to ? [] : [`${operator} has ${found}, not ${to}`];
  });
  if (state === 'COMPLETED' && ungranted.length === 0) return { words: null };
  const why = typeof reason === 'string' && reason !== 'SUCCEEDED' ? `, ${excerptOf(reason, 80)}` : '';
  const facts = [...ungranted, ...slotsOf(rescale)];
  const detail = facts.length === 0 ? '' : ` (${facts.join('; ')})`;
  return { words: `Flink's last rescale is ${excerptOf(state, 40)}${why}${detail}` };
}

function startOf({ startTimestampInMillis: start }: JsonObject): number {
  return typeof start === 'number' ? start : -Infinity;
}

function entryOf({ vertices }: JsonObject, { vertexId }: FlinkVertexOrder): JsonObject | null {
  const entry = isObject(vertices) && Object.hasOwn(vertices, vertexId) ? vertices[vertexId] : null;
  return isObject(entry) ? entry : null;
}

/** The parallelism after the rescale; if it changed nothing, the parallelism before. */
function grantedIn(entry: JsonObject | null): number | null {
  return countOf(entry?.['postRescaleParallelism']) ?? countOf(entry?.['preRescaleParallelism']);
}

/** The sum over all slot sharing groups: `slots: 5 of 12`. */
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
