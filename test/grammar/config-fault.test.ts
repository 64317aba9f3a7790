import t from 'tap';
import { listNames, nearestName, renderFault, renderPath } from '../../src/grammar/config-fault.js';

await t.test('a path reads as it would be written in code', (t) => {
  t.equal(
    renderPath(['topologies', 0, 'operators', 1, 'max_parallelism']),
    'topologies[0].operators[1].max_parallelism',
  );
  t.equal(renderPath(['http_config', 'http_headers', 'X-Scope-OrgID']), 'http_config.http_headers.X-Scope-OrgID');
  t.equal(renderPath(['webhooks', 'my "hook"', 'url']), 'webhooks["my \\"hook\\""].url');
  t.equal(renderPath([]), '');
  t.end();
});

await t.test('a fault is one line that begins with its place', (t) => {
  const fault = { path: 'window', line: 3, column: 9, value: '5 m', message: 'must be a duration', suggestion: null };
  t.equal(renderFault(fault, 'd.yml'), 'd.yml:3:9: window: must be a duration; found 5 m');
  const misspelt = { ...fault, path: '', value: null, suggestion: 'window' };
  t.equal(renderFault(misspelt, 'd.yml'), 'd.yml:3:9: must be a duration; did you mean "window"?');
  t.end();
});

await t.test('the nearest name is found among the known ones, and none if all are far', (t) => {
  const known = ['flink', 'heron', 'recorded'];
  const table: readonly [string, string | null][] = [
    ['flnk', 'flink'],
    ['Flink', 'flink'],
    ['heorn', 'heron'],
    ['record', 'recorded'],
    ['storm', null],
    ['x', null],
    ['', null],
  ];
  for (const [written, expected] of table) t.equal(nearestName(written, known), expected, written);
  t.equal(nearestName('ulr', ['url', 'timeout']), 'url', 'two neighbours in the wrong order are one edit');
  t.equal(nearestName('PUT', ['GET', 'POST']), null);
  t.end();
});

await t.test('names are listed as in a sentence', (t) => {
  t.equal(listNames([]), 'none');
  t.equal(listNames(['a']), 'a');
  t.equal(listNames(['a', 'b', 'c']), 'a, b and c');
  t.end();
});
