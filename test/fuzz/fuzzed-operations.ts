// Requests to every operation of an OpenAPI document that changes something: what the document has grown by is fuzzed too.
import fc from 'fast-check';
import type { DocumentedOperation, OpenApiDocument } from '../support/openapi.js';
import { anyText, mutatedRequest, notification, type Json, type MutatedRequest } from './mutated-notifications.js';

export interface FuzzedRequest extends MutatedRequest {
  /** As documented, such as `delete /api/v1/pauses/{id}`. */
  readonly operation: string;
  readonly method: string;
  /** With values for its parameters. */
  readonly path: string;
}

const METHODS = ['post', 'put', 'delete', 'patch'];
const USUAL_WEIGHT = 10;
/** The intake is where strangers' bodies come in. */
const WEIGHT_OF_NOTIFICATIONS = 200;
/** Each begins all evaluations again, whatever its body. */
const WEIGHT_OF_RELOADS = 1;

export function fuzzedRequests(document: OpenApiDocument): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({
        weight: weightOf(path, operation),
        arbitrary: requestTo(document, path, method, operation),
      })),
  );
  return fc.oneof(...operations);
}

const NOTIFICATION = 'AlertNotification';

function weightOf(path: string, operation: DocumentedOperation): number {
  if (path === '/-/reload') return WEIGHT_OF_RELOADS;
  return schemaNameOf(operation) === NOTIFICATION ? WEIGHT_OF_NOTIFICATIONS : USUAL_WEIGHT;
}

function requestTo(
  document: OpenApiDocument,
  path: string,
  method: string,
  operation: DocumentedOperation,
): fc.Arbitrary<FuzzedRequest> {
  return fc
    .record({ filled: filledPath(path), sent: mutatedRequest(bodyOf(document, operation)) })
    .map(({ filled, sent }): FuzzedRequest => ({
      ...sent,
      operation: `${method} ${path}`,
      method: method.toUpperCase(),
      path: filled,
    }));
}

/** With something in each pair of braces that a client would encode so. */
function filledPath(path: string): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.uuid(),
    anyText.map((text) => encodeURIComponent(Buffer.from(text).toString()) || '-'),
    fc.constantFrom('%', '%zz', '%00', '..%2f..', '%ff', 'a'.repeat(5000)),
  );
  return path
    .split(/\{\w+\}/)
    .reduce<fc.Arbitrary<string>>(
      (before, part, index) =>
        index === 0 ? fc.constant(part) : fc.tuple(before, value).map(([one, id]) => `${one}${id}${part}`),
      fc.constant(''),
    );
}

function bodyOf(document: OpenApiDocument, operation: DocumentedOperation): fc.Arbitrary<Json> {
  const name = schemaNameOf(operation);
  if (name === NOTIFICATION) return notification;
  const schema = document.components.schemas[name ?? ''] as Schema | undefined;
  return schema === undefined ? fc.constant({}) : valueOf(schema);
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly Json[];
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

function schemaNameOf({ requestBody }: DocumentedOperation): string | undefined {
  return requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1);
}

/** Values that the schema allows, most of them; enough to be changed into others. */
function valueOf({ type, enum: allowed, format, required = [], properties = {} }: Schema): fc.Arbitrary<Json> {
  if (allowed !== undefined) return fc.constantFrom(...allowed);
  const types = [type ?? 'string'].flat();
  if (types.includes('object')) {
    const values = Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, valueOf(schema)]));
    return fc.record(values, { requiredKeys: [...required] });
  }
  // Short ones: a pause that stays in force would keep from happening what else is looked at.
  const text =
    format === 'pause-duration' ? fc.constantFrom('1ms', '20ms', '1s') : fc.oneof(fc.constant('wordcount'), anyText);
  return types.includes('null') ? fc.oneof(fc.constant(null), text) : text;
}
