// However a configuration is spoilt, its faults are reported with their places.
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { CONFIG_FIXTURES, faultsOf } from '../support/parsed-configuration.js';

/** Whether the rendered path leads to something in the document. */
function hasPath(document: unknown, path: string): boolean {
  const steps = [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(([, index, quoted, plain]) =>
    quoted === undefined ? (index ?? plain ?? '') : (JSON.parse(`"${quoted}"`) as string),
  );
  let part = document;
  for (const step of steps) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, step)) return false;
    part = (part as Record<string, unknown>)[step];
  }
  return true;
}

/** Every place in a document, as keys and indices from its root. */
function placesIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [[key], ...placesIn(child).map((rest) => [key, ...rest])]);
}

function spoil(document: unknown, place: readonly string[], value: unknown): unknown {
  const [key, ...rest] = place;
  if (key === undefined) return value;
  const copy = structuredClone(document) as Record<string, unknown>;
  const replaced = spoil(copy[key], rest, value);
  if (replaced === undefined && !Array.isArray(copy)) {
    const others = Object.entries(copy).filter(([name]) => name !== key);
    return Object.fromEntries(others);
  }
  copy[key] = replaced ?? null;
  return copy;
}

await t.test('however a file is spoilt, each fault leads to a part of it', (t) => {
  const files = [
    'valid-contract-example.yml',
    'valid-excluded-periods.yml',
    'valid-new-engine.yml',
    'valid-webhook-templates.yml',
  ];
  const documents = files.map((name) => parse(readFileSync(new URL(name, CONFIG_FIXTURES), 'utf8')) as unknown);
  const places = documents.flatMap((document) => placesIn(document).map((place) => ({ document, place })));
  const anyValue = fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      '',
      0,
      -1,
      'source',
      'scaler',
      'flink',
      [],
      {},
      [null],
      [[]],
      '{{',
      '*',
      '(',
      { '': '' },
      { '': {} },
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  let faulty = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...places), anyValue), { minLength: 1, maxLength: 3 }), (changes) => {
      const first = changes[0]?.[0].document;
      const spoilt = changes
        .filter(([{ document }]) => document === first)
        .reduce((document, [{ place }, value]) => {
          const isThere = placesIn(document).some((known) => known.join('\n') === place.join('\n'));
          return isThere ? spoil(document, place, value) : document;
        }, first);
      const faults = faultsOf(stringify(spoilt));
      if (faults.length > 0) faulty += 1;
      for (const fault of faults) {
        if (!hasPath(spoilt, fault.path)) throw new Error(`${fault.path} is not in ${JSON.stringify(spoilt)}`);
        if (fault.line < 1 || fault.column < 1) throw new Error(`${fault.path} stands nowhere`);
      }
    }),
    { numRuns: 200 },
  );
  t.ok(faulty > 40, 'most of them are faulty');
  t.end();
});

await t.test('what names nothing does not name an entry with the empty name', (t) => {
  const text = (more: string): string =>
    `{prometheus: {url: 'http://127.0.0.1:9090'}, ${more}, topologies: [{name: wordcount, engine: flink}]}`;
  const paths = (more: string): string[] => faultsOf(text(more)).map(({ path }) => path);
  t.strictSame(paths('webhooks: {"": {url: "http://127.0.0.1/{{ operator }}"}}'), ['webhooks[""]']);
  const nameless = text('engines: {"": {policy: {min_parallelism: 9, max_parallelism: 8}}}').replace(
    'engine: flink',
    'engine: 7',
  );
  t.notOk(
    faultsOf(nameless).some(({ path }) => path.includes('policy')),
    'no topology is of the nameless engine',
  );
  t.end();
});

await t.test('no text makes the parser fail', (t) => {
  const pieces = fc.constantFrom(
    'prometheus',
    ':',
    ' ',
    '\n',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '<<',
    '"',
    '!x',
    '|',
    '#',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string())), (texts) => {
      if (faultsOf(texts.join('')).length === 0) throw new Error('such a text is no configuration');
    }),
  );
  t.pass();
  t.end();
});
