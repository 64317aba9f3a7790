// Renders a property's schema in words, for faults and for the reference table.
import type { PropertySchema } from '../grammar/schema-types.js';

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

/** `a number above 0 and below 1`, `a duration of at least 1s or null`, `one of enforce, dry_run, observe`. */
export function describeAllowed(schema: PropertySchema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(', ')}`;
  const types = [schema.type ?? []].flat();
  const isOptional = types.includes('null');
  const words = schema.allowed ?? kindOf(schema, types) + boundsOf(schema);
  return isOptional ? `${words} or null` : words;
}

function kindOf(schema: PropertySchema, types: readonly string[]): string {
  if (schema.duration !== undefined) return 'a duration';
  if (schema.minLength !== undefined) return 'a non-empty text';
  if (schema.minItems !== undefined) return 'a non-empty list';
  return types
    .filter((type) => type !== 'null')
    .map((type) => TYPE_WORDS[type] ?? type)
    .join(' or ');
}

function boundsOf(schema: PropertySchema): string {
  const lower = schema.duration?.minimum ?? schema.minimum;
  const upper = schema.duration?.maximum ?? schema.maximum;
  const bounds = [
    lower === undefined ? [] : [`of at least ${lower}`],
    schema.exclusiveMinimum === undefined ? [] : [`above ${schema.exclusiveMinimum}`],
    upper === undefined ? [] : [lower === undefined ? `of at most ${upper}` : `at most ${upper}`],
    schema.exclusiveMaximum === undefined ? [] : [`below ${schema.exclusiveMaximum}`],
  ].flat();
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}
