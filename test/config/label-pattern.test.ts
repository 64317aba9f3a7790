// Patterns of users mean what they mean to the real Prometheus, in each place of the configuration that takes one.
import t from 'tap';
import { NESTED_PATTERN } from '../support/nested-patterns.js';
import fc from 'fast-check';
import { createLabelPattern, createLiteralPattern, patternProblem } from '../../src/config/label-pattern.js';
import { findTopologyRules } from '../../src/control-loop/topology-rules.js';
import { renderString } from '../../src/sensors/promql-literals.js';
import { prometheusWithHistory } from '../support/real-parts.js';
import { configurationOf, faultsOf } from '../support/parsed-configuration.js';

const NAME = fc.stringMatching(/^[abAB._\-0ékKΩ😀ſ ]{1,12}$/u);

const PIECE = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('a', 'b', 'A', '-', '\\.', '_', '0', 'é', 'k', 'K', 'Ω', '😀', 'ſ', ' ', 'ab'),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom('.', '.*', '.+', '[ab]', '[^a]', '[a-k]', '[😀-😂]', '\\d', '\\w', '\\W', '\\S', '\\D'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('[[:alpha:]]', '[[:^upper:]]', '\\pL', '\\PN', '\\p{Greek}', '\\x61', '\\x{1F600}'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\\b', '\\B', '^', '$', '\\A', '\\z', '|', '(?:)', '\\Qa.b\\E', '(?i)', '(?-s)', '(?U)'),
  },
);
const REPETITION = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{0,3}', '{1,}', '{2,3}?') },
);
const SEQUENCE = fc.array(fc.tuple(PIECE, REPETITION), { minLength: 1, maxLength: 4 });
const OPENING = fc.constantFrom('(', '(?:', '(?i:', '(?P<n>', '(?is-m:');
/** What RE2 has not, somewhere in the pattern. */
const UNKNOWN = fc.constantFrom(
  '(?=a)',
  '(?!a)',
  '(?<=a)',
  '\\1',
  '\\Z',
  '\\C',
  '[b-a]',
  '[a',
  '(',
  '\\pZZ',
  'a**',
  'a{2,1}',
);
const textOf = (sequence: readonly (readonly [string, string])[]): string => sequence.flat().join('');
const PATTERN = fc
  .record({
    opening: OPENING,
    inner: SEQUENCE,
    other: fc.option(SEQUENCE),
    repetition: REPETITION,
    rest: fc.option(SEQUENCE),
    unknown: fc.oneof({ weight: 7, arbitrary: fc.constant('') }, { weight: 1, arbitrary: UNKNOWN }),
  })
  .map(({ opening, inner, other, repetition, rest, unknown }) => {
    const alternative = other === null ? '' : `|${textOf(other)}`;
    return `${opening}${textOf(inner)}${alternative})${repetition}${rest === null ? '' : textOf(rest)}${unknown}`;
  });

/** A configuration with the pattern in every place that takes one. */
function configured(pattern: string): string {
  const written = JSON.stringify(pattern);
  return `
prometheus: {url: "http://127.0.0.1:9090"}
alerts: {alertname: ${written}}
topologies:
  - {name: listed, engine: flink, operators: [{name: split, match: ${written}}]}
  - {discover: ${written}, engine: flink}
`;
}

/** Whether each place of the configuration that takes a pattern matches. */
function answersOf(pattern: string, names: readonly string[]): readonly (readonly boolean[])[] {
  const configuration = configurationOf(configured(pattern));
  const match = configuration.topologies[0]?.operators?.[0]?.match;
  return names.map((name) => [
    configuration.alerts.alertname.test(name),
    match?.test(name) ?? false,
    findTopologyRules(configuration, name) !== null,
  ]);
}

void t.test('random patterns mean to every place that takes one what they mean to Prometheus', async (t) => {
  const names = [...new Set(fc.sample(NAME, 300)), 'a\\b"c', 'job-1', 'ab'.repeat(40)];
  const history = names.map((name) => ({ name: 'named', labels: { name }, samples: [[1_700_000_000, 1]] as const }));
  const { url } = await prometheusWithHistory(t, history);
  /** null: Prometheus refuses the pattern. */
  const matchedByPrometheus = async (pattern: string): Promise<Set<string> | null> => {
    const query = `named{name=~${renderString(pattern)}}`;
    const body = new URLSearchParams({ query, time: '1700000000' });
    const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
    const answer = (await response.json()) as { data?: { result: { metric: { name: string } }[] }; error?: string };
    if (response.status === 400) return null;
    if (response.status !== 200) throw new Error(`Prometheus answers ${response.status}: ${answer.error ?? ''}`);
    return new Set(answer.data?.result.map(({ metric }) => metric.name));
  };
  const counts = { refused: 0, matching: 0, compared: 0 };
  await fc.assert(
    fc.asyncProperty(PATTERN, async (pattern) => {
      const matched = await matchedByPrometheus(pattern);
      const faults = faultsOf(configured(pattern));
      if (matched === null || faults.length > 0) {
        counts.refused += 1;
        return matched === null && faults.length === 3;
      }
      counts.compared += 1;
      if (matched.size > 0) counts.matching += 1;
      return answersOf(pattern, names).every((answers, index) =>
        answers.every((isMatch) => isMatch === matched.has(names[index] ?? '')),
      );
    }),
    { numRuns: 500 },
  );
  t.ok(counts.refused > 50 && counts.matching > 100, `both kinds were met: ${JSON.stringify(counts)}`);
});

void t.test('patterns that make JavaScript backtrack for ever end at once, however long the name', (t) => {
  const catastrophic = [
    '([a-z0-9]+-?)+',
    '(a|aa)+',
    '(.*)*x',
    '(a*)*b',
    '(\\w+\\s?)*!',
    '(a|b|ab)*(?:c|$)d',
    '(x?a+)+$y',
  ];
  for (const pattern of catastrophic) {
    for (const length of [52, 1000, 100_000]) {
      t.strictSame(
        answersOf(pattern, [`${'a'.repeat(length)}#`]),
        [[false, false, false]],
        `${pattern}, ${length} characters`,
      );
    }
  }
  t.end();
});

void t.test('nested patterns at random end, too, whatever the name', (t) => {
  // A backtracking engine needs longer than the test may last for nearly half of them.
  const name = `${'ab'.repeat(5000)}a#`;
  fc.assert(
    fc.property(NESTED_PATTERN, (pattern) => typeof createLabelPattern(pattern).test(name) === 'boolean'),
    { numRuns: 200 },
  );
  t.end();
});

void t.test('a pattern matches the whole value, line ends included', (t) => {
  t.strictSame(
    ['orders-1', 'Orders', 'my-orders', 'ORDERS\n'].map((name) => createLabelPattern('(?i)orders.*').test(name)),
    [true, true, false, true],
  );
  t.strictSame(
    ['ab', 'cd', 'abd', 'acd'].map((name) => createLabelPattern('ab|cd').test(name)),
    [true, true, false, false],
  );
  t.equal(createLabelPattern('(?i)orders.*').source, '(?i)orders.*');
  t.end();
});

void t.test('a literal pattern matches its text only', (t) => {
  const literal = createLiteralPattern('Map (a|b).*');
  t.strictSame(
    ['Map (a|b).*', 'Map a', 'Map (a|b).*x'].map((name) => literal.test(name)),
    [true, false, false],
  );
  t.ok(createLabelPattern(literal.source).test('Map (a|b).*'));
  t.end();
});

void t.test('an invalid or too large pattern is refused with a reason', (t) => {
  const cases: [string, RegExp | null][] = [
    ['a)|(b', /knows: unexpected \)/],
    ['(?=a)', /knows: invalid or unsupported Perl syntax/],
    ['\\Qa', /knows: missing closing \)/],
    ['(?i)orders.*', null],
    ['x'.repeat(100_001), /at most 100000 characters; it has 100001$/],
    ['(a{0,30}){0,30}'.repeat(100), /smaller regular expression/],
    [Array.from({ length: 2000 }, (_, i) => `job-${i}`).join('|'), null],
  ];
  for (const [pattern, problem] of cases) {
    if (problem === null) t.equal(patternProblem(pattern), null, pattern.slice(0, 30));
    else t.match(patternProblem(pattern), problem, pattern.slice(0, 30));
  }
  t.end();
});
