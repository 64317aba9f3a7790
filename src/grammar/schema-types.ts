// Shared pieces of the schemas, and their keywords beyond JSON Schema: `duration` (bounds, as Prometheus durations), `allowed`
// (what a pattern accepts, in words), `defaultText` (a computed default, in words).

/** YAML reads an unquoted `0` as a number; the keyword `duration` refuses all others. */
export const durationType = { type: ['string', 'integer'] } as const;
export const optionalDurationType = { type: ['string', 'integer', 'null'] } as const;

export interface DurationBounds {
  readonly minimum?: string;
  readonly maximum?: string;
}

/** The parts of a schema that faults, the reference table and the tests use. */
export interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly defaultText?: string;
  readonly allowed?: string;
  readonly duration?: DurationBounds;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly items?: PropertySchema;
  readonly additionalProperties?: boolean | PropertySchema;
  readonly propertyNames?: PropertySchema;
}

export const nameSchema = {
  type: 'string',
  pattern: '^[A-Za-z_][A-Za-z0-9_-]*$',
  allowed: 'a name of letters, digits, _ and -',
} as const;

export const labelNameSchema = {
  type: 'string',
  pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
  allowed: 'a label name',
} as const;

/** RFC 9110 field values without control characters, so that none can end a header. */
export const headerValueSchema = {
  type: 'string',
  pattern: '^[\\t\\x20-\\x7e\\x80-\\xff]*$',
  allowed: 'a header value: one line of Latin-1 text',
} as const;

export const headerNameSchema = {
  type: 'string',
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
  allowed: 'a header name',
} as const;

export const fileSchema = { type: 'string', minLength: 1, allowed: 'a file name' } as const;
export const optionalFileSchema = { type: ['string', 'null'], minLength: 1, allowed: 'a file name' } as const;
