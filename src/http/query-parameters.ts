// Query parameters of the API. Reads those of the lists as a filter of the action log, or reports their faults, and refuses unknown
// parameters: a misspelt filter would select the wrong entries.
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { RequestHandler } from 'express';
import type { LogFilter } from '../action-log/action-log.js';
import { listNames, nearestName } from '../grammar/config-fault.js';
import { sendError } from './envelope.js';
import { isStorableText } from './storable-text.js';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

export type ParsedFilter =
  { readonly kind: 'filter'; readonly filter: LogFilter } | { readonly kind: 'fault'; readonly because: string };

const ajv = new Ajv();
formats.default(ajv, ['date-time']);
const isRfc3339 = ajv.compile<string>({ type: 'string', format: 'date-time' });

/** The parameters that `parseLogFilter` reads. */
export const LOG_FILTER_PARAMETERS = ['topology', 'since', 'limit'] as const;

/** Answers 400 to an unknown parameter, and suggests the nearest one. */
export function takeOnlyParameters(...known: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const unknown = Object.keys(request.query).filter((name) => !known.includes(name));
    if (unknown.length === 0) next();
    else sendError(response, 400, unknown.map((name) => describeUnknown(name, known)).join('; '));
  };
}

function describeUnknown(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const suggestion = nearest === null ? '' : `; did you mean '${nearest}'?`;
  return `parameter '${name}' is unknown; known: ${listNames(known)}${suggestion}`;
}

/** Reads `topology`, `since` (RFC 3339 or Unix seconds) and `limit` (1..1000, default 100) of a parsed query string. */
export function parseLogFilter(query: Readonly<Record<string, unknown>>): ParsedFilter {
  const faults: string[] = [];
  const read = <Value>(name: string, expected: string, parse: (text: string) => Value | null): Value | undefined => {
    const given = query[name];
    if (given === undefined) return undefined;
    const value = typeof given === 'string' ? parse(given) : null;
    if (value === null) faults.push(`parameter ${name}=${renderGiven(given)}: must be ${expected}, given once`);
    return value ?? undefined;
  };
  const topology = read('topology', 'the name of a topology', (text) =>
    text === '' || !isStorableText(text) ? null : text,
  );
  const sinceMs = read('since', 'a time, RFC 3339 (with + as %2B) or Unix seconds', parseTimeMs);
  const limit = read('limit', `a whole number from 1 to ${MAX_LIMIT}`, parseLimit) ?? DEFAULT_LIMIT;
  if (faults.length > 0) return { kind: 'fault', because: faults.join('; ') };
  const filter = {
    limit,
    ...(topology === undefined ? {} : { topology }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
  return { kind: 'filter', filter };
}

export type ParsedOperator =
  | { readonly kind: 'operator'; readonly operator: string | null }
  | { readonly kind: 'fault'; readonly because: string };

/** `operator` of a parsed query string; null: absent. */
export function parseOperator({ operator = null }: Readonly<Record<string, unknown>>): ParsedOperator {
  if (operator === null) return { kind: 'operator', operator: null };
  if (typeof operator === 'string' && operator !== '' && isStorableText(operator))
    return { kind: 'operator', operator };
  const because = `parameter operator=${renderGiven(operator)}: must be one operator name`;
  return { kind: 'fault', because };
}

const UNIX_SECONDS = /^[0-9]{1,12}([.][0-9]+)?$/;

/** For the description of the API. */
export const UNIX_SECONDS_PATTERN = UNIX_SECONDS.source;

function parseTimeMs(text: string): number | null {
  if (UNIX_SECONDS.test(text)) return Math.round(Number(text) * 1000);
  if (!isRfc3339(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : atMs;
}

function parseLimit(text: string): number | null {
  if (!/^\d{1,4}$/.test(text)) return null;
  const limit = Number(text);
  return limit >= 1 && limit <= MAX_LIMIT ? limit : null;
}

function renderGiven(given: unknown): string {
  return (Array.isArray(given) ? given : [given]).map((one) => `'${String(one)}'`).join(' and ');
}
