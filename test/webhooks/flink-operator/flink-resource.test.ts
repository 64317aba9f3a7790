import t from 'tap';
import { parseFlinkResource } from '../../../src/webhooks/flink-operator/flink-resource.js';

/** The configuration of a FlinkDeployment with this `flinkConfiguration`, as JSON. */
const configOf = (written: string) =>
  parseFlinkResource(
    `{"kind":"FlinkDeployment","metadata":{"resourceVersion":"7"},"spec":{"flinkConfiguration":${written}}}`,
    { resource: 'flinkdeployments' },
  )?.config;

/** Less than the 10,000 that the API server accepts. */
const DEEP = 9000;

await t.test('a resource may be nested as deep as the API server accepts; keys of Flink are not that deep', (t) => {
  const maps = '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP);
  const lists = '['.repeat(DEEP) + ']'.repeat(DEEP);
  const config = configOf(`{"b":${maps},"c":${lists},"pipeline":{"max-parallelism":8}}`);
  t.strictSame(config?.get('pipeline.max-parallelism'), { value: '8', path: ['pipeline', 'max-parallelism'] });
  t.strictSame([...(config?.keys() ?? [])], ['c', 'pipeline.max-parallelism']);
  t.end();
});

await t.test('many keys deep below one need no memory for each level', (t) => {
  const leaves = Array.from({ length: 100_000 }, (_, index) => `"${index}":1`).join(',');
  const config = configOf('{"a":'.repeat(2000) + `{${leaves}}` + '}'.repeat(2000));
  t.equal(config?.size, 0);
  t.end();
});

await t.test('a value that is not a string is read as JSON text', (t) => {
  const config = configOf('{"a":4,"b":true,"c":null,"d":"4"}');
  t.strictSame(
    [...(config ?? [])].map(([key, { value }]) => [key, value]),
    [
      ['a', '4'],
      ['b', 'true'],
      ['c', 'null'],
      ['d', '4'],
    ],
  );
  t.end();
});
