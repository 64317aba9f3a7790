// Reads the body of POST /api/v1/pauses: the requested pause, or all faults of the body. Pure.
// The route checks whether the topology exists.
import { Ajv, type ErrorObject } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { listNames, nearestName } from '../grammar/config-fault.js';
import { parseDuration } from '../grammar/duration.js';
import { ACTION_KINDS } from '../model/resolver.js';
import type { PauseRequest } from './service-view.js';
import { isStorableText } from './storable-text.js';

export const MAX_PAUSE_MS = 30 * 86_400_000;
const MAX_REASON_LENGTH = 500;

/** By key: the expected value, for faults and the API's description. */
const EXPECTED = {
  topology: 'the name of a known topology, or null for every topology',
  resolver: `one of ${ACTION_KINDS.join(', ')}, or null for all of them`,
  duration: 'a duration as Prometheus writes it, such as 30m or 1h30m, above 0 and at most 30d',
  reason: `a text of 1 to ${MAX_REASON_LENGTH} characters, not only blanks`,
} as const;
type PauseKey = keyof typeof EXPECTED;

/** Text must not contain half a surrogate pair; patterns of other languages cannot express this. */
export const STORABLE_TEXT = 'storable-text';
const WITHOUT_NUL = '^[^\\u0000]*$';
/** Adds to the pattern what a pattern cannot express: the total length. */
export const PAUSE_DURATION = 'pause-duration';

export const pauseRequestSchema = {
  type: 'object',
  description: 'A requested pause.',
  required: ['duration', 'reason'],
  properties: {
    topology: {
      type: ['string', 'null'],
      minLength: 1,
      format: STORABLE_TEXT,
      pattern: WITHOUT_NUL,
      default: null,
      description: `What is paused: ${EXPECTED.topology}.`,
    },
    resolver: { enum: [...ACTION_KINDS, null], default: null, description: `What is paused: ${EXPECTED.resolver}.` },
    duration: {
      type: 'string',
      minLength: 1,
      format: PAUSE_DURATION,
      pattern: '^([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$',
      description: `How long from now: ${EXPECTED.duration}.`,
    },
    reason: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_REASON_LENGTH,
      format: STORABLE_TEXT,
      allOf: [{ pattern: WITHOUT_NUL }, { pattern: '\\S' }],
      description: `The reason, shown with the pause: ${EXPECTED.reason}.`,
    },
  },
  additionalProperties: false,
} as const;

export type ParsedPause =
  { readonly kind: 'request'; readonly request: PauseRequest } | { readonly kind: 'fault'; readonly because: string };

const ajv = new Ajv({ strict: true, allErrors: true, verbose: true, allowUnionTypes: true });
ajv.addFormat(STORABLE_TEXT, isStorableText);
ajv.addFormat(PAUSE_DURATION, (written) => isPauseDuration(parseDuration(written)));
type PauseBody = FromSchema<typeof pauseRequestSchema, { keepDefaultedPropertiesOptional: true }>;
const isPauseRequest = ajv.compile<PauseBody>(pauseRequestSchema);

/** Enough to correct a body; a body of unknown keys need not be repeated in full. */
const MAX_FAULTS = 10;
const MAX_SHOWN_LENGTH = 100;

export function parsePauseRequest(body: unknown): ParsedPause {
  if (!isPauseRequest(body)) return { kind: 'fault', because: describeFaults(isPauseRequest.errors ?? []) };
  const { topology = null, resolver = null, duration, reason } = body;
  const durationMs = parseDuration(duration);
  if (!isPauseDuration(durationMs)) return { kind: 'fault', because: wrongValue('duration', duration) };
  return { kind: 'request', request: { topology, resolver, durationMs, reason } };
}

function isPauseDuration(durationMs: number | null): durationMs is number {
  return durationMs !== null && durationMs > 0 && durationMs <= MAX_PAUSE_MS;
}

/** One fault per key. */
function describeFaults(errors: readonly ErrorObject[]): string {
  const faults = [...new Set(errors.map(describeFault))];
  const rest = faults.length > MAX_FAULTS ? [`and ${faults.length - MAX_FAULTS} more`] : [];
  return [...faults.slice(0, MAX_FAULTS), ...rest].join('; ');
}

function describeFault({ keyword, params, instancePath, data }: ErrorObject): string {
  if (keyword === 'additionalProperties') return unknownKey(String((params as Params)['additionalProperty']));
  if (keyword === 'required') {
    const key = String((params as Params)['missingProperty']) as PauseKey;
    return `${key} is missing: it must be ${EXPECTED[key]}`;
  }
  const key = instancePath.slice(1);
  if (key === '') return `the body must be an object with ${listNames(Object.keys(EXPECTED))}; found ${show(data)}`;
  return wrongValue(key as PauseKey, data);
}

type Params = Readonly<Record<string, unknown>>;

function unknownKey(key: string): string {
  const known = Object.keys(EXPECTED);
  const nearest = nearestName(key, known);
  const suggestion = nearest === null ? '' : `; did you mean ${nearest}?`;
  return `${show(key)} is not a known key; known are ${listNames(known)}${suggestion}`;
}

function wrongValue(key: PauseKey, value: unknown): string {
  return `${key} must be ${EXPECTED[key]}; found ${show(value)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}
