import bcrypt from 'bcryptjs';
import { join } from 'node:path';
import t from 'tap';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { renderLoggedDecision } from '../../src/http/json-views.js';
import { evidenceOf } from '../../src/policy/decision-evidence.js';
import { holdDecision } from '../support/action-log-samples.js';
import { createOpenApiDocument } from '../../src/http/openapi-document.js';
import { PAUSE_DURATION, STORABLE_TEXT } from '../../src/http/pause-request.js';
import { parseLogFilter } from '../../src/http/query-parameters.js';
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import { HOLD_REASONS } from '../../src/model/decision.js';
import { OUTCOMES } from '../../src/model/outcome.js';
import { ACTION_KINDS } from '../../src/model/resolver.js';
import { SYMPTOMS } from '../../src/model/symptom.js';
import { webhookBodyOf } from '../../src/webhooks/webhook-body.js';
import { operatorEvaluation, topologyEvaluation } from '../support/evaluations.js';
import { startTestService } from '../support/http-service.js';
import { ALERTMANAGER_NOTIFICATION, GRAFANA_NOTIFICATION } from '../support/notifications.js';
import { OPENAPI_STRUCTURE } from '../support/openapi-structure.js';
import { createValidator, type OpenApiDocument } from '../support/openapi.js';
import { sampleFacts } from '../support/webhook-samples.js';

const document = createOpenApiDocument('1.2.3') as OpenApiDocument;
const { schemas } = document.components;
const validate = createValidator(document);

/** What Ajv has against a value, in words; empty: nothing. */
function faultsOf(schema: object, value: unknown): string {
  const isValid = validate(schema);
  return isValid(value) ? '' : JSON.stringify(isValid.errors);
}

/** Every object of the document, the document first. */
function partsOf(part: unknown): object[] {
  if (typeof part !== 'object' || part === null) return [];
  return [part, ...Object.values(part).flatMap(partsOf)];
}

await t.test('the document is OpenAPI 3.1', (t) => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
  const isOpenApi = ajv.compile(OPENAPI_STRUCTURE);
  t.ok(isOpenApi(document), JSON.stringify(isOpenApi.errors));
  const { get } = document.paths['/metrics'] ?? {};
  for (const wrong of [
    { ...document, openapi: '3.0.3' },
    { ...document, paths: { metrics: {} } },
    { ...document, paths: { '/': { fetch: get } } },
    { ...document, paths: { '/': { get: { ...get, responses: {} } } } },
    { ...document, paths: { '/': { get: { ...get, responses: { 200: {} } } } } },
    { ...document, paths: { '/{x}': { get: { ...get, parameters: [{ name: 'x', in: 'path', schema: {} }] } } } },
  ]) {
    t.notOk(isOpenApi(wrong), 'the structure is not so loose that anything passes');
  }
  t.end();
});

await t.test('every schema in it is JSON Schema 2020-12 without unknown keywords', (t) => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false });
  formats.default(ajv);
  for (const format of [PAUSE_DURATION, STORABLE_TEXT]) ajv.addFormat(format, true);
  ajv.addVocabulary(['components']);
  const inner = partsOf(document).flatMap((part) => ('schema' in part ? [part.schema as object] : []));
  t.ok(inner.length > 30);
  for (const schema of [...inner, ...Object.values(schemas)]) {
    t.doesNotThrow(() => ajv.compile({ allOf: [schema], components: document.components }), JSON.stringify(schema));
  }
  t.end();
});

await t.test('every reference leads somewhere, and every component is referred to', (t) => {
  const references = new Set(partsOf(document).flatMap((part) => ('$ref' in part ? [String(part.$ref)] : [])));
  const components = Object.entries(document.components)
    .filter(([kind]) => kind !== 'securitySchemes')
    .flatMap(([kind, named]) => Object.keys(named).map((name) => `#/components/${kind}/${name}`));
  t.strictSame([...references].sort(), components.sort());
  t.end();
});

await t.test('operations have a name of their own, and parameters for the braces of their paths', (t) => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation })),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  t.equal(new Set(ids).size, ids.length);
  for (const { path, operation } of operations) {
    const braces = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => name);
    t.strictSame(declared, braces, path);
  }
  t.end();
});

await t.test('it has the routes of the app, all of them and no others', async (t) => {
  const { app } = await startTestService(t);
  interface Layer {
    readonly route?: { readonly path: string; readonly stack: readonly { readonly method?: string }[] };
  }
  const registered = (app.router as unknown as { readonly stack: readonly Layer[] }).stack.flatMap(({ route }) =>
    (route?.stack ?? [])
      .filter(({ method }) => method !== undefined)
      .map(({ method }) => `${method ?? ''} ${(route?.path ?? '').replace(/:(\w+)/g, '{$1}')}`),
  );
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  t.strictSame([...new Set(registered)].sort(), documented.sort());
  t.ok(documented.includes('delete /api/v1/actions/{id}'), 'the names are those of the contract');
});

await t.test('the lists of names are the model’s', (t) => {
  const enumOf = (schema: string, key: string): unknown => {
    const { properties } = schemas[schema] as { properties: Record<string, { enum?: unknown }> };
    return properties[key]?.enum;
  };
  t.strictSame(enumOf('Action', 'outcome'), [...OUTCOMES, null]);
  t.strictSame(enumOf('Action', 'resolver'), ACTION_KINDS);
  t.strictSame(enumOf('Decision', 'reason'), [...HOLD_REASONS, null]);
  t.strictSame(enumOf('LoggedDecision', 'diagnosis'), DIAGNOSES);
  t.strictSame(enumOf('PauseRequest', 'resolver'), [...ACTION_KINDS, null]);
  const { properties } = schemas['Operator'] as { properties: { symptoms: { properties: object } } };
  t.strictSame(Object.keys(properties.symptoms.properties), SYMPTOMS);
  t.end();
});

await t.test('notifications fit their schema', (t) => {
  const notification = schemas['AlertNotification'] ?? {};
  for (const sent of [ALERTMANAGER_NOTIFICATION, GRAFANA_NOTIFICATION, { alerts: [null, {}] }]) {
    t.equal(faultsOf(notification, sent), '');
  }
  t.not(faultsOf(notification, { alerts: {} }), '');
  const alert = schemas['Alert'] ?? {};
  for (const sent of ALERTMANAGER_NOTIFICATION.alerts) t.equal(faultsOf(alert, sent), '');
  t.not(faultsOf(alert, { labels: {} }), '');
  t.end();
});

await t.test('the body of a scaling webhook fits its schema', (t) => {
  const body = webhookBodyOf(sampleFacts());
  const schema = { $ref: '#/components/schemas/ScalingWebhookBody' };
  t.equal(faultsOf(schema, body), '');
  t.not(faultsOf(schema, { ...body, desired_parallelism: '4' }), '');
  t.match(document.webhooks['scale']?.['post'], { requestBody: { content: { 'application/json': { schema } } } });
  t.end();
});

await t.test('the evidence of a decision fits its schema', (t) => {
  const { properties } = schemas['LoggedDecision'] as { properties: { evidence: object } };
  const unevaluated = operatorEvaluation('count', { recommendedParallelism: null, missingSensors: ['busy'] });
  const evaluation = topologyEvaluation('wordcount', [operatorEvaluation('split'), unevaluated]);
  for (const name of ['split', 'count', 'nowhere'])
    t.equal(
      faultsOf(
        properties.evidence,
        renderLoggedDecision(holdDecision({ evidence: evidenceOf(evaluation, name) })).evidence,
      ),
      '',
    );
  t.equal(faultsOf(properties.evidence, null), '');
  t.not(faultsOf(properties.evidence, { suspended_ratio: 'x' }), '');
  t.end();
});

await t.test('it is served without the envelope, with the version, for tools', async (t) => {
  const { url } = await startTestService(t);
  const response = await fetch(`${url}/api/v1/openapi.json`);
  t.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  t.strictSame(await response.json(), document);
  t.equal(document.info.version, '1.2.3');
});

await t.test('it requires the credentials of the web configuration, and none without one', async (t) => {
  const securityOf = async (web: string | null): Promise<unknown> => {
    const folder = t.testdir({ 'web.yml': web ?? '', token: 'right' });
    const options = web === null ? {} : { webConfigFile: join(folder, 'web.yml') };
    const { url } = await startTestService(t, options);
    const headers = { authorization: 'Bearer right' };
    const answer = (await (await fetch(`${url}/api/v1/openapi.json`, { headers })).json()) as { security?: unknown };
    return answer.security;
  };
  const users = `basic_auth_users: {alice: ${bcrypt.hashSync('sesame', 4)}}\n`;
  t.strictSame(await securityOf(null), []);
  t.strictSame(await securityOf('bearer_token_files: [token]\n'), [{ bearer: [] }]);
  t.strictSame(await securityOf(`${users}bearer_token_files: [token]\n`), [{ basic: [] }, { bearer: [] }]);
});

await t.test('a time that it allows is taken, and one that it does not is refused', (t) => {
  const parameters = document.paths['/api/v1/actions']?.['get']?.parameters ?? [];
  const since = parameters.find(({ name }) => name === 'since') as unknown as { readonly schema: object };
  for (const written of [
    '',
    '0',
    '1700000000.25',
    '1.',
    '.5',
    '2026-01-02T03:04:05Z',
    '2026-01-02',
    'now',
    '1'.repeat(13),
  ]) {
    const isTaken = parseLogFilter({ since: written }).kind === 'filter';
    t.equal(faultsOf(since.schema, written) === '', isTaken, written);
  }
  t.end();
});

await t.test('the links of a list lead to its items', (t) => {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const links = partsOf(document).flatMap((part) =>
    'links' in part ? (Object.values(part.links as object) as unknown[]) : [],
  ) as {
    readonly operationId: string;
    readonly parameters: Readonly<Record<string, string>>;
  }[];
  t.equal(links.length, 5);
  for (const { operationId, parameters } of links) {
    const target = operations.find((operation) => operation.operationId === operationId);
    t.strictSame(
      Object.keys(parameters),
      (target?.parameters ?? []).map(({ name }) => name),
      operationId,
    );
  }
  t.end();
});
