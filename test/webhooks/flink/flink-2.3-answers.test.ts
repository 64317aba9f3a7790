// How the webhook of type `flink` reads the answers of Flink 2.3 in test/fixtures/flink-rest-2.3, recorded by
// `npm run flink -- --flink=2.3.0 --record-rest=test/fixtures/flink-rest-2.3`.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parseJobGraph, parseRunningJobs } from '../../../src/webhooks/flink/job-graph.js';
import { refusalOf, type Refusal } from '../../../src/webhooks/flink/refusal.js';
import {
  parseResourceRequirements,
  slotsWanted,
  withUpperBounds,
} from '../../../src/webhooks/flink/resource-requirements.js';
import type { RecordedRestAnswer } from '../../e2e/flink/record-rest.js';
import { recorded, type RecordedAnswer } from '../../support/flink-rest-server.js';

function recordedFrom23(name: string): RecordedRestAnswer {
  const file = new URL(`../../fixtures/flink-rest-2.3/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as RecordedRestAnswer;
}

function textOf(name: string): string {
  return JSON.stringify(recordedFrom23(name).body);
}

const { vertices } = recordedFrom23('before-job').body as {
  readonly vertices: readonly { id: string; name: string }[];
};
const SPLIT = vertices.find(({ name }) => name === 'split')?.id ?? '';

void t.test('requirements are read, one vertex is changed, and all of them are what Flink accepts', (t) => {
  const before = parseResourceRequirements(textOf('before-requirements'));
  if (before === null) throw new Error('the requirements are not read');
  const changed = withUpperBounds(before, [{ vertexId: SPLIT, from: 1, to: 2 }]);
  const { sent, status } = recordedFrom23('waiting-put');
  t.same(changed, { requirements: sent });
  t.equal(status, 200);
  t.equal(slotsWanted(parseResourceRequirements(textOf('short-requirements')) ?? {}), 16);
  t.end();
});

/** Parallelism of split, by moment: the graph does not show a waiting rescale. */
const PARALLELISM: Readonly<Record<string, number>> = { before: 1, waiting: 1, applied: 2, short: 12, full: 12 };

for (const [moment, parallelism] of Object.entries(PARALLELISM)) {
  void t.test(`graph and state of the job are read: ${moment}`, (t) => {
    const [job] = parseRunningJobs(textOf(`${moment}-jobs-overview`)) ?? [];
    t.match(job, { name: 'wordcount', state: 'RUNNING', changedAtMs: Number });
    const told = parseJobGraph(textOf(`${moment}-job`));
    if (told === null || typeof told.graph === 'string') throw new Error('the graph is not read');
    t.same(
      [...told.graph].map(([name, { inputs }]) => [name, inputs]),
      [
        ['Source:_sentences', []],
        ['split', ['Source:_sentences']],
        ['count', ['split']],
        ['counts:_Writer', ['count']],
      ],
    );
    t.match(told.graph.get('split'), { status: 'RUNNING', parallelism, maxParallelism: 128 });
    t.match(told.toldAtMs, Number);
    t.end();
  });
}

const REFUSED = [
  ...['above-max-parallelism', 'lower-bound-above-upper-bound', 'vertex-unknown', 'vertex-missing', 'not-as-expected'],
  ...['job-gone', 'job-cancelled', 'scheduler-not-adaptive'],
];

/** Without ids and numbers, which differ between clusters. */
function meaningOf({ status, body }: RecordedAnswer): Refusal & { readonly status: number } {
  const { isFinal, failure, limits } = refusalOf({ status, body: JSON.stringify(body) });
  const isLimited = new Map([...limits].map(([, limit]) => ['vertex', limit > 0 ? 1 : 0] as const));
  return { status, isFinal, failure: failure.replace(/[0-9a-f]{32}/g, 'ID').replace(/\d+/g, 'N'), limits: isLimited };
}

for (const name of REFUSED) {
  void t.test(`Flink 2.3 refuses in the same words as 1.20: ${name}`, (t) => {
    t.same(meaningOf(recordedFrom23(name)), meaningOf(recorded(name)));
    t.end();
  });
}

void t.test('an unknown path has another message with the same meaning', (t) => {
  const { isFinal, failure } = meaningOf(recordedFrom23('no-such-path'));
  t.equal(isFinal, true);
  t.equal(isFinal, meaningOf(recorded('no-such-path')).isFinal);
  t.match(failure, /^answered N: not Flink N\.N or newer, .*: Not found: \/jobs\/ID\/no-such-path$/);
  t.end();
});
