// Checks a document against a schema and renders what Ajv found in the user's words.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { describeAllowed } from './allowed-values.js';
import { configSchema } from './config-schema.js';
import {
  listNames,
  nearestName,
  type ConfigPath,
  type Explanation,
  type UnlocatedFault,
} from '../grammar/config-fault.js';
import { parseDuration } from '../grammar/duration.js';
import type { DurationBounds, PropertySchema } from '../grammar/schema-types.js';

// A check runs once per start, so optimizing its code costs more than it saves. A test validates the schemas themselves.
const ONCE = { code: { optimize: false }, validateSchema: false, meta: false };
const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true, logger: false, ...ONCE });
ajv.addVocabulary(['allowed', 'defaultText']);
ajv.addKeyword({ keyword: 'duration', schemaType: 'object', type: ['string', 'number'], validate: isDurationWithin });

function isDurationWithin(bounds: DurationBounds, written: string | number): boolean {
  const durationMs = parseDuration(written);
  if (durationMs === null) return false;
  const lowestMs = parseDuration(bounds.minimum ?? 0) ?? 0;
  const highestMs = parseDuration(bounds.maximum ?? '') ?? Infinity;
  return durationMs >= lowestMs && durationMs <= highestMs;
}

const findConfigFaults = createSchemaCheck(configSchema);

/** One fault per path, in the document's order as far as Ajv keeps it. */
export function findSchemaFaults(document: unknown): UnlocatedFault[] {
  if (document === null || document === undefined) {
    return [{ path: [], message: 'is empty; it needs at least prometheus and topologies' }];
  }
  return findConfigFaults(document);
}

/** A check against any schema with the keywords of schema-types.ts. Compiled on first use: most commands never need it. */
export function createSchemaCheck(schema: PropertySchema): (document: unknown) => UnlocatedFault[] {
  let compiled: ValidateFunction | null = null;
  return (document) => {
    compiled ??= ajv.compile(schema);
    return compiled(document) ? [] : faultsOf(compiled.errors ?? [], document);
  };
}

function faultsOf(errors: readonly ErrorObject[], document: unknown): UnlocatedFault[] {
  const faults = new Map<string, UnlocatedFault>();
  for (const error of errors) {
    const fault = faultOf(error, document);
    if (fault === null) continue;
    // A map can lack several keys; for a value one message about what is allowed is enough.
    const identity = JSON.stringify([fault.path, error.keyword === 'required' ? fault.message : '']);
    if (!faults.has(identity)) faults.set(identity, fault);
  }
  return [...faults.values()];
}

function faultOf(error: ErrorObject, document: unknown): UnlocatedFault | null {
  const path = pathOf(error.instancePath, document);
  const schema = error.parentSchema as PropertySchema;
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(params['additionalProperty']), schema);
    case 'required':
      return missingKey(path, String(params['missingProperty']), schema);
    case 'propertyNames': {
      const name = String(params['propertyName']);
      const allowed = describeAllowed(schema.propertyNames ?? {});
      return { path: [...path, name], message: `the key must be ${allowed}`, isAboutKey: true };
    }
    default:
      // `propertyNames` says why a key is not allowed.
      if (error.propertyName !== undefined) return null;
      return { path, message: wrongValue(error.data, schema), ...nearestValue(error.data, schema) };
  }
}

function wrongValue(value: unknown, schema: PropertySchema): string {
  const example = schema.duration === undefined ? '' : ', such as 30s, 5m or 1h30m';
  const isText = [schema.type ?? []].flat().includes('string') && schema.duration === undefined;
  const quote = isText && ['number', 'boolean'].includes(typeof value) ? ', in quotes' : '';
  const emptiness = value === null ? '; it is empty' : '';
  return `must be ${describeAllowed(schema)}${example}${quote}${emptiness}`;
}

function nearestValue(value: unknown, schema: PropertySchema): { suggestion?: string | null } {
  return schema.enum === undefined ? {} : { suggestion: nearestName(String(value), schema.enum.map(String)) };
}

function missingKey(path: ConfigPath, key: string, schema: PropertySchema): UnlocatedFault {
  const meaning = schema.properties?.[key]?.description ?? '';
  return { path, message: `lacks ${key}${meaning === '' ? '' : ` (${meaning.replace(/\.$/, '')})`}` };
}

/** By key of a secret: what to use instead. */
const FILE_INSTEAD_OF: ReadonlyMap<string, string> = new Map([
  ['password', 'password_file'],
  ['credentials', 'credentials_file'],
  ['bearer_token', 'authorization.credentials_file'],
  ['bearer_token_file', 'authorization.credentials_file'],
  ['signing_secret', 'signing_secret_file'],
  ['postgres_url', 'postgres_url_file'],
  ['secrets', 'authorization.credentials_file or basic_auth.password_file'],
  ['ca', 'ca_file'],
  ['cert', 'cert_file'],
  ['key', 'key_file'],
  ['client_ca', 'client_ca_file'],
  ['bearer_tokens', 'bearer_token_files'],
]);

/** A key of an earlier version, and its replacement. */
const REPLACED_BY: ReadonlyMap<string, string> = new Map([['scale_down_max_expected_busy', 'target_busy']]);

function unknownKey(path: ConfigPath, key: string, schema: PropertySchema): UnlocatedFault {
  const known = Object.keys(schema.properties ?? {});
  const instead = FILE_INSTEAD_OF.get(key);
  const isSecretHere = instead !== undefined && (instead.includes('.') || known.includes(instead));
  const about = { path: [...path, key], isAboutKey: true };
  if (isSecretHere)
    return { ...about, message: `is not read from the configuration; secrets are files: use ${instead}` };
  const replacement = REPLACED_BY.get(key);
  if (replacement !== undefined && known.includes(replacement))
    return { ...about, message: `is no longer a key: ${replacement} has replaced it` };
  const explain = (): Explanation => {
    const suggestion = nearestName(key, known);
    // A list of dozens of keys would bury the intended one.
    const others = suggestion === null ? `; known here: ${listNames(known)}` : '';
    return { message: `is not a known key${others}`, suggestion };
  };
  return { ...about, message: 'is not a known key', explain };
}

/** Splits a JSON pointer into keys and list indices. */
function pathOf(pointer: string, document: unknown): ConfigPath {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let part = document;
  return steps.map((step) => {
    const isList = Array.isArray(part);
    part = (part as Readonly<Record<string, unknown>> | undefined)?.[step];
    return isList ? Number(step) : step;
  });
}
