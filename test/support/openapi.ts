// The OpenAPI document as tests read it, and a validator of answers against its schemas.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { PAUSE_DURATION, STORABLE_TEXT } from '../../src/http/pause-request.js';

export interface DocumentedResponse {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

export interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
  };
  readonly responses: Readonly<Record<string, DocumentedResponse | { readonly $ref: string }>>;
}

export interface OpenApiDocument {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, DocumentedResponse>>;
  };
}

/** The response of a path's operation; for a method that is not documented, of any operation: they all document 405. */
export function responseOf(
  document: OpenApiDocument,
  path: string,
  method: string,
  status: number,
): DocumentedResponse | undefined {
  const operations = document.paths[path] ?? {};
  const operation = operations[method] ?? (status === 405 ? Object.values(operations)[0] : undefined);
  const response = operation?.responses[status];
  if (response === undefined || !('$ref' in response)) return response;
  return document.components.responses[response.$ref.replace('#/components/responses/', '')];
}

export type Validate = (schema: object) => ValidateFunction;

/** Compiles schemas of the document; undocumented keys are faults here, though clients must accept them. */
export function createValidator(document: OpenApiDocument): Validate {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  formats.default(ajv);
  for (const format of [PAUSE_DURATION, STORABLE_TEXT]) ajv.addFormat(format, true);
  ajv.addVocabulary(['components']);
  const components = closed(document.components);
  return (schema) => ajv.compile({ allOf: [closed(schema)], components });
}

function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const copy = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]));
  const isObject = [copy['type']].flat().includes('object') && 'properties' in copy;
  return isObject && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy;
}
