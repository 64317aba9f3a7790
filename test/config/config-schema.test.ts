import { Ajv } from 'ajv';
import t from 'tap';
import { configSchema } from '../../src/config/config-schema.js';
import { parseDuration } from '../../src/grammar/duration.js';
import type { PropertySchema } from '../../src/grammar/schema-types.js';
import { webConfigSchema } from '../../src/http/web-config-schema.js';

/** Every property anywhere in the schema, with its path. */
function propertiesOf(path: string, schema: PropertySchema): [string, PropertySchema][] {
  const { properties = {}, items, additionalProperties } = schema;
  return [
    ...Object.entries(properties).flatMap(([key, property]): [string, PropertySchema][] => [
      [`${path}.${key}`, property],
      ...propertiesOf(`${path}.${key}`, property),
    ]),
    ...(items === undefined ? [] : propertiesOf(`${path}[]`, items)),
    ...(typeof additionalProperties === 'object' ? propertiesOf(`${path}.NAME`, additionalProperties) : []),
  ];
}

const properties = propertiesOf('', configSchema);

await t.test('the schemas are JSON schemas', (t) => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const schema of [configSchema, webConfigSchema]) {
    t.equal(ajv.validateSchema(schema), true, ajv.errorsText());
    t.equal(ajv.validateSchema({ ...schema, required: 'all' }), false, 'and an invalid schema is found');
  }
  t.end();
});

await t.test('every property has a description', (t) => {
  t.ok(properties.length > 150, 'the whole schema is walked');
  for (const [path, { description = '' }] of properties) t.match(description, /^.{10,}$/, path);
  t.end();
});

await t.test('every map with fixed keys refuses others', (t) => {
  for (const [path, property] of properties) {
    if (property.properties !== undefined) t.equal(property.additionalProperties, false, path);
  }
  t.end();
});

await t.test('every default of a duration and every bound is a duration', (t) => {
  for (const [path, { duration, default: value }] of properties) {
    if (duration === undefined) continue;
    const written = [duration.minimum, duration.maximum, value].filter((text) => typeof text === 'string');
    for (const text of written) t.not(parseDuration(text), null, `${path} ${text}`);
  }
  t.end();
});
