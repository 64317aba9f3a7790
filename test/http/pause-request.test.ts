import t from 'tap';
import fc from 'fast-check';
import { MAX_PAUSE_MS, parsePauseRequest } from '../../src/http/pause-request.js';
import { anyString } from '../support/any-string.js';

const GOOD = { duration: '30m', reason: 'upgrade' };

await t.test('a pause is read from the body', (t) => {
  const cases: [object, object][] = [
    [GOOD, { topology: null, resolver: null, durationMs: 1_800_000, reason: 'upgrade' }],
    [
      { ...GOOD, topology: 'wordcount', resolver: 'revert' },
      { topology: 'wordcount', resolver: 'revert', durationMs: 1_800_000, reason: 'upgrade' },
    ],
    [
      { ...GOOD, topology: null, resolver: null, duration: '1h30m' },
      { topology: null, resolver: null, durationMs: 5_400_000, reason: 'upgrade' },
    ],
    [
      { duration: '1ms', reason: ' x' },
      { topology: null, resolver: null, durationMs: 1, reason: ' x' },
    ],
    [
      { duration: '30d', reason: '😀'.repeat(500) },
      { topology: null, resolver: null, durationMs: MAX_PAUSE_MS, reason: '😀'.repeat(500) },
    ],
  ];
  for (const [body, request] of cases) t.strictSame(parsePauseRequest(body), { kind: 'request', request });
  t.end();
});

await t.test('a fault names key and value', (t) => {
  const cases: [unknown, ...string[]][] = [
    [null, 'the body must be an object', 'found null'],
    [[], 'the body must be an object', 'found []'],
    ['30m', 'found "30m"'],
    [{}, 'duration is missing', 'reason is missing'],
    [{ duration: '30m' }, 'reason is missing: it must be a text of 1 to 500 characters'],
    [{ ...GOOD, duration: '0' }, 'duration must be', 'found "0"'],
    [{ ...GOOD, duration: '0s' }, 'above 0', 'found "0s"'],
    [{ ...GOOD, duration: '30d1ms' }, 'at most 30d', 'found "30d1ms"'],
    [{ ...GOOD, duration: '9'.repeat(300) + 'y' }, 'duration must be', 'found "999'],
    [{ ...GOOD, duration: '' }, 'duration must be', 'found ""'],
    [{ ...GOOD, duration: '5 minutes' }, 'found "5 minutes"'],
    [{ ...GOOD, duration: '-5m' }, 'found "-5m"'],
    [{ ...GOOD, duration: 'P1D' }, 'found "P1D"'],
    [{ ...GOOD, duration: 0 }, 'found 0'],
    [{ ...GOOD, duration: 300 }, 'duration must be a duration as Prometheus writes it', 'found 300'],
    [{ ...GOOD, reason: '' }, 'reason must be', 'found ""'],
    [{ ...GOOD, reason: ' \t' }, 'not only blanks', 'found " \\t"'],
    [{ ...GOOD, reason: 'x'.repeat(501) }, 'reason must be a text of 1 to 500 characters'],
    [{ ...GOOD, reason: 'a\u0000' }, 'reason must be'],
    [{ ...GOOD, reason: 'a\ud800' }, 'reason must be'],
    [{ ...GOOD, reason: null }, 'found null'],
    [{ ...GOOD, topology: '' }, 'topology must be the name of a known topology', 'found ""'],
    [{ ...GOOD, topology: 'a\u0000' }, 'topology must be'],
    [{ ...GOOD, topology: ['wordcount'] }, 'found ["wordcount"]'],
    [{ ...GOOD, resolver: 'scale-up' }, 'resolver must be one of restart_instances, rebalance', 'found "scale-up"'],
    [{ ...GOOD, resolver: '' }, 'resolver must be'],
    [{ ...GOOD, topolgy: 'wordcount' }, '"topolgy" is not a known key', 'did you mean topology?'],
    [{ ...GOOD, __proto_: 1 }, '"__proto_" is not a known key; known are topology, resolver, duration and reason'],
    [JSON.parse('{"duration":"5m","reason":"x","__proto__":{}}'), '"__proto__" is not a known key'],
    [{ duration: 7, resolver: 'x', extra: 1 }, 'duration', 'resolver', '"extra"', 'reason is missing'],
  ];
  for (const [body, ...words] of cases) {
    const parsed = parsePauseRequest(body);
    const because = parsed.kind === 'fault' ? parsed.because : 'accepted';
    for (const word of words) t.ok(because.includes(word), `${because} ⊇ ${word}`);
    t.equal(new Set(because.split('; ')).size, because.split('; ').length, 'nothing is said twice');
  }
  t.end();
});

await t.test('the answer to a large body is not as large', (t) => {
  const body = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key${i}`, i]));
  const parsed = parsePauseRequest({ ...body, reason: 'x'.repeat(50_000) });
  t.ok(parsed.kind === 'fault' && parsed.because.length < 3000);
  t.match(parsed, { because: /and \d+ more$/ });
  t.end();
});

await t.test('whatever is sent, a pause is within its bounds', (t) => {
  const mostly = <Value>(arbitrary: fc.Arbitrary<Value>) =>
    fc.oneof({ weight: 4, arbitrary }, { weight: 1, arbitrary: fc.jsonValue() });
  const almost = fc.record(
    {
      duration: mostly(fc.constantFrom('5m', '30d', '1y', '1ms', '0s')),
      reason: mostly(anyString({ maxLength: 600 })),
      topology: mostly(fc.string()),
      resolver: mostly(fc.constantFrom('scale_up', 'revert', null)),
    },
    { requiredKeys: ['duration', 'reason'] },
  );
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(almost, fc.jsonValue()), (body) => {
      const parsed = parsePauseRequest(body);
      if (parsed.kind === 'fault') return parsed.because !== '';
      accepted += 1;
      const { durationMs, reason } = parsed.request;
      return durationMs > 0 && durationMs <= MAX_PAUSE_MS && reason.trim() !== '' && Array.from(reason).length <= 500;
    }),
    { numRuns: 1000 },
  );
  t.ok(accepted > 50, `${accepted} were accepted`);
  t.end();
});
