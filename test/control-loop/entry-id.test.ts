import t from 'tap';
import { entryIdOf } from '../../src/control-loop/entry-id.js';

const ID = '6f1c2f0e-6d3b-4a55-9d0e-0b8f7a3f2c11';

await t.test('each operator that one action put on the blacklist has its own entry id', (t) => {
  const ids = [0, 1, 2].map((place) => entryIdOf({ id: ID, place }));
  t.equal(ids[0], ID, 'the first entry has the id of the action, as before');
  t.equal(new Set(ids).size, 3);
  for (const id of ids) t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.strictSame(
    ids,
    [0, 1, 2].map((place) => entryIdOf({ id: ID, place })),
    'and keeps its id',
  );
  t.end();
});
