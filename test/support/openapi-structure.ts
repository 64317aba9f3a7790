// The structure of an OpenAPI 3.1 document, as far as ours uses it: a JSON Schema written from the specification's tables. It
// allows nothing else, so that a misspelt key is found. The JSON Schema dialect checks the schemas inside.

const text = { type: 'string', minLength: 1 };
const ref = (name: string): object => ({ $ref: `#/$defs/${name}` });
const mapOf = (values: object, names = '^[a-zA-Z0-9._-]+$'): object => ({
  type: 'object',
  patternProperties: { [names]: values },
  additionalProperties: false,
});
const referenceOr = (definition: object): object => ({
  if: { type: 'object', required: ['$ref'] },
  then: { type: 'object', properties: { $ref: text }, additionalProperties: false },
  else: definition,
});
const record = (properties: Record<string, object>, required: readonly string[] = []): object => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});

const pathItem = record(
  Object.fromEntries(
    ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'].map((method) => [method, ref('operation')]),
  ),
);

export const OPENAPI_STRUCTURE = {
  ...record(
    {
      openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
      info: record(
        {
          title: text,
          summary: text,
          description: text,
          version: text,
          license: record({ name: text, identifier: text }, ['name']),
        },
        ['title', 'version'],
      ),
      security: { type: 'array', items: mapOf({ type: 'array', items: text }) },
      paths: mapOf(pathItem, '^/'),
      webhooks: mapOf(pathItem),
      components: record({
        schemas: mapOf(ref('schema')),
        responses: mapOf(ref('response')),
        securitySchemes: mapOf(ref('securityScheme')),
      }),
    },
    ['openapi', 'info', 'paths'],
  ),
  $defs: {
    schema: { type: ['object', 'boolean'] },
    operation: record(
      {
        operationId: text,
        summary: text,
        description: text,
        security: { type: 'array', items: mapOf({ type: 'array', items: text }) },
        parameters: { type: 'array', items: referenceOr(ref('parameter')) },
        requestBody: referenceOr(
          record({ description: text, content: ref('content'), required: { type: 'boolean' } }, ['content']),
        ),
        responses: { ...mapOf(referenceOr(ref('response')), '^([1-5](\\d\\d|XX)|default)$'), minProperties: 1 },
      },
      ['responses'],
    ),
    parameter: {
      ...record(
        {
          name: text,
          in: { enum: ['query', 'header', 'path', 'cookie'] },
          description: text,
          required: { type: 'boolean' },
          schema: ref('schema'),
        },
        ['name', 'in', 'schema'],
      ),
      if: { properties: { in: { const: 'path' } } },
      then: { required: ['required'], properties: { required: { const: true } } },
    },
    response: record(
      {
        description: text,
        headers: mapOf(record({ description: text, required: { type: 'boolean' }, schema: ref('schema') }, ['schema'])),
        content: ref('content'),
        links: mapOf(record({ operationId: text, parameters: mapOf(text) }, ['operationId'])),
      },
      ['description'],
    ),
    content: mapOf(record({ schema: ref('schema') }), '^[a-z]+/[a-z.+-]+(; [a-z]+=[a-z0-9.-]+)*$'),
    securityScheme: {
      type: 'object',
      required: ['type'],
      oneOf: [
        record({ type: { const: 'http' }, scheme: text, description: text }, ['scheme']),
        record({ type: { const: 'mutualTLS' }, description: text }),
      ],
    },
  },
};
