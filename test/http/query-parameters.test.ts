import t from 'tap';
import { parseLogFilter } from '../../src/http/query-parameters.js';
import { startTestService } from '../support/http-service.js';

await t.test('a filter is read from the query', (t) => {
  const cases: [Record<string, unknown>, object][] = [
    [{}, { limit: 100 }],
    [{ topology: 'wordcount' }, { limit: 100, topology: 'wordcount' }],
    [{ limit: '1' }, { limit: 1 }],
    [{ limit: '1000' }, { limit: 1000 }],
    [{ since: '1700000000' }, { limit: 100, sinceMs: 1_700_000_000_000 }],
    [{ since: '1700000000.25' }, { limit: 100, sinceMs: 1_700_000_000_250 }],
    [{ since: '0' }, { limit: 100, sinceMs: 0 }],
    [{ since: '2026-01-02T03:04:05.5Z' }, { limit: 100, sinceMs: Date.UTC(2026, 0, 2, 3, 4, 5, 500) }],
    [{ since: '2026-01-02T03:04:05+02:00' }, { limit: 100, sinceMs: Date.UTC(2026, 0, 2, 1, 4, 5) }],
  ];
  for (const [query, filter] of cases) t.strictSame(parseLogFilter(query), { kind: 'filter', filter });
  t.end();
});

await t.test('a bad value is a fault that names parameter and value', (t) => {
  const bad: [string, unknown][] = [
    ['topology', ''],
    ['topology', ['a', 'b']],
    ['topology', 'a\u0000b'],
    ['topology', 'a\ud800'],
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', '-1'],
    ['limit', '1.5'],
    ['limit', '1e2'],
    ['limit', ' 5'],
    ['limit', ''],
    ['since', ''],
    ['since', 'yesterday'],
    ['since', '-5'],
    ['since', '2026-02-30T00:00:00Z'],
    ['since', '2026-01-02'],
    ['since', '2026-01-02T03:04:05'],
    ['since', '2026-01-02T03:04:05 02:00'],
    ['since', '9'.repeat(40)],
    ['since', 'NaN'],
    ['since', ['1', '2']],
  ];
  for (const [name, value] of bad) {
    const parsed = parseLogFilter({ [name]: value });
    const because = parsed.kind === 'fault' ? parsed.because : '';
    t.ok(because.startsWith(`parameter ${name}=`), `${name}=${String(value)}`);
    for (const given of [value].flat()) t.ok(because.includes(`'${String(given)}'`), because);
  }
  t.match(parseLogFilter({ limit: 'x', since: 'y' }), { because: /limit='x'.*since='y'|since='y'.*limit='x'/ });
  t.end();
});

await t.test('an unknown parameter is refused, with the nearest known one', async (t) => {
  const { url } = await startTestService(t);
  const refusals: readonly [string, string][] = [
    [
      '/api/v1/actions?topolgy=wordcount',
      "parameter 'topolgy' is unknown; known: topology, since and limit; did you mean 'topology'?",
    ],
    [
      '/api/v1/decisions?Limit=5',
      "parameter 'Limit' is unknown; known: topology, since and limit; did you mean 'limit'?",
    ],
    [
      '/api/v1/decisions?limit=5&operator=split&_=1',
      "parameter 'operator' is unknown; known: topology, since and limit; parameter '_' is unknown; known: topology, since and limit",
    ],
    ['/api/v1/pauses?topology=wordcount', "parameter 'topology' is unknown; known: none"],
    ['/api/v1/blacklist?topology=wordcount', "parameter 'topology' is unknown; known: none"],
    ['/api/v1/topologies?name=wordcount', "parameter 'name' is unknown; known: none"],
    ['/api/v1/topologies/wordcount?since=1', "parameter 'since' is unknown; known: none"],
    ['/api/v1/openapi.json?version=3', "parameter 'version' is unknown; known: none"],
  ];
  for (const [path, error] of refusals) {
    const response = await fetch(`${url}${path}`);
    t.equal(response.status, 400, path);
    t.same(await response.json(), { status: 'error', errorType: 'bad_data', error });
  }
  t.equal((await fetch(`${url}/api/v1/actions?topology=a&since=1&limit=2`)).status, 200);
  for (const path of ['/', '/metrics', '/-/ready']) {
    t.equal((await fetch(`${url}${path}?from=a-probe`)).status, 200, `${path} is open to everybody`);
  }
});
