// The OpenAPI 3.1 document: the table of operations, with every named schema replaced by a reference.
import { WEBHOOK_BODY_SCHEMA } from '../webhooks/webhook-body-schema.js';
import { alertNotificationSchema, webhookAlertSchema } from './alertmanager-webhook.js';
import {
  actionSchema,
  blacklistEntrySchema,
  decisionSchema,
  loggedDecisionSchema,
  pauseSchema,
} from './api-schemas.js';
import { ERROR_TYPES, isErrorStatus, type ErrorStatus } from './envelope.js';
import { errorSchema, successSchema } from './envelope-schemas.js';
import { topologyHistorySchema } from './history-api-schema.js';
import { OPERATIONS, type Operation } from './openapi-operations.js';
import { SCALING_WEBHOOK } from './openapi-webhook.js';
import { pauseRequestSchema } from './pause-request.js';
import { operatorSchema, topologySchema } from './topology-api-schema.js';

const SCHEMAS: Readonly<Record<string, object>> = {
  Success: successSchema,
  Error: errorSchema,
  AlertNotification: alertNotificationSchema,
  Alert: webhookAlertSchema,
  Topology: topologySchema,
  Operator: operatorSchema,
  TopologyHistory: topologyHistorySchema,
  Action: actionSchema,
  Decision: decisionSchema,
  LoggedDecision: loggedDecisionSchema,
  BlacklistEntry: blacklistEntrySchema,
  Pause: pauseSchema,
  PauseRequest: pauseRequestSchema,
  ScalingWebhookBody: WEBHOOK_BODY_SCHEMA,
};
const NAME_OF_SCHEMA = new Map(Object.entries(SCHEMAS).map(([name, schema]) => [schema, name]));

const ERRORS: Readonly<Record<ErrorStatus, string>> = {
  400: 'The request is invalid.',
  401: 'Credentials are missing or wrong; only if the service requires them (`--web.config.file`).',
  403: 'A cross-site request by a browser.',
  404: 'Not found.',
  405: 'The path does not have this method; `Allow` lists its methods.',
  409: 'Too late.',
  413: 'The body is too large.',
  415: 'Unsupported content type or encoding.',
  500: 'An internal error; details are in the log.',
  503: 'Unavailable: the action log or another part does not answer. Retry later.',
};

const HEADERS: Readonly<Partial<Record<ErrorStatus, Readonly<Record<string, object>>>>> = {
  401: { 'WWW-Authenticate': header('The accepted authentication schemes.', { type: 'string' }) },
  405: { Allow: header('The methods of the path.', { type: 'string' }) },
  503: { 'Retry-After': header('Seconds to wait.', { type: 'integer', minimum: 0 }) },
};

const GUARD_ERRORS: readonly ErrorStatus[] = [400, 401, 500, 503];

/** Required credentials: the schemes of each alternative. Empty: none. */
export type SecurityRequirements = readonly Readonly<Record<string, readonly never[]>>[];

/** Plain JSON, without shared parts. */
export function createOpenApiDocument(version: string, security: SecurityRequirements = []): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Dhalion',
      summary: 'Self-regulating health manager for stream-processing topologies.',
      description:
        'Times are RFC 3339. Later versions may add keys to answers. Every GET also answers HEAD, without the body.',
      version,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    security,
    paths: mapValues(OPERATIONS, (methods) => mapValues(methods, renderOperation)),
    webhooks: { scale: { post: withReferences(SCALING_WEBHOOK) } },
    components: {
      schemas: mapValues(SCHEMAS, (schema) => mapValues(schema, (part) => withReferences(part))),
      responses: Object.fromEntries(Object.keys(ERRORS).map(Number).filter(isErrorStatus).map(errorResponse)),
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
        client_certificate: { type: 'mutualTLS' },
      },
    },
  };
}

function renderOperation(operation: Operation, method: string): object {
  const { operationId, summary, description, isGuarded = true, parameters, requestBody, answers } = operation;
  const errors = errorsOf(operation, method);
  const responses: Record<number, object> = Object.fromEntries(
    errors.map((status) => [status, { $ref: `#/components/responses/${ERROR_TYPES[status]}` }]),
  );
  for (const [status, { description, content, links }] of Object.entries(answers)) {
    // An answer described in plain text may also come in the envelope.
    const error = errors.find((error) => error === Number(status));
    const byType = { ...content, ...(error === undefined ? {} : { 'application/json': errorOf(error) }) };
    responses[Number(status)] = {
      description,
      ...(Object.keys(byType).length === 0 ? {} : { content: mapValues(byType, (schema) => ({ schema })) }),
      ...(links === undefined ? {} : { links }),
    };
  }
  return withReferences({
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isGuarded ? {} : { security: [] }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses,
  }) as object;
}

/** Errors of the operation, of the credentials check (a malformed header is 400), and of the cross-site guard. */
function errorsOf({ errors = [], isGuarded = true }: Operation, method: string): readonly ErrorStatus[] {
  return [...(isGuarded ? GUARD_ERRORS : []), ...(method === 'get' ? [] : [403 as const]), ...errors, 405];
}

function errorResponse(status: ErrorStatus): [string, unknown] {
  const headers = HEADERS[status];
  const response = {
    description: ERRORS[status],
    ...(headers === undefined ? {} : { headers }),
    content: { 'application/json': { schema: errorOf(status) } },
  };
  return [ERROR_TYPES[status], withReferences(response)];
}

function errorOf(status: ErrorStatus): object {
  return { allOf: [errorSchema, { properties: { errorType: { const: ERROR_TYPES[status] } } }] };
}

function header(description: string, schema: object): object {
  return { description, schema };
}

/** A copy with every named schema replaced by a reference. */
function withReferences(part: unknown): unknown {
  if (Array.isArray(part)) return part.map((inner) => withReferences(inner));
  if (typeof part !== 'object' || part === null) return part;
  const name = NAME_OF_SCHEMA.get(part);
  return name === undefined ? mapValues(part, withReferences) : { $ref: `#/components/schemas/${name}` };
}

function mapValues<Value, Mapped>(
  parts: Readonly<Record<string, Value>> | object,
  map: (value: Value, key: string) => Mapped,
): Record<string, Mapped> {
  return Object.fromEntries(
    Object.entries(parts as Record<string, Value>).map(([key, value]) => [key, map(value, key)]),
  );
}
