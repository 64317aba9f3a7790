// What the engine `flink` makes of series that Prometheus scraped from real Flink clusters, 1.20 and 2.3: test/fixtures/flink
// and flink-2.3, made by `npm run e2e:flink -- --record=test/fixtures/flink`, with --flink=2.3.0 for the second. Each moment is
// a topology of its own here.
import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { RecordedSeries } from '../e2e/flink/record-series.js';
import type { History } from '../support/real-parts.js';
import { seenInHistory, type SeenInHistory, type SeenOperator } from '../support/seen-in-history.js';
import { END_S } from '../support/sensing.js';

const INNOCENT: Partial<SeenOperator> = { isCulprit: false, diagnoses: [] };

type Seen = Readonly<Record<string, Partial<SeenOperator>>>;

/** What is seen of source → split → count → counts at each moment. */
const MOMENTS: Readonly<Record<string, Seen>> = {
  'too-small': {
    source: { parallelism: 1, ...INNOCENT },
    split: { parallelism: 1, isCulprit: true, diagnoses: ['underprovisioning'] },
    counts: INNOCENT,
  },
  'too-large': {
    source: INNOCENT,
    split: { isCulprit: false, diagnoses: ['overprovisioning'] },
    count: { isCulprit: false, diagnoses: ['overprovisioning'] },
  },
  'slow-instance': {
    source: INNOCENT,
    split: { parallelism: 3, isCulprit: true, diagnoses: ['slow_instances'] },
    count: INNOCENT,
  },
  // The source reads ahead as far as it can, so split looks too small to it as well; but split is held up by count.
  'hot-key': {
    source: INNOCENT,
    split: { parallelism: 3, recommended: 3, ...INNOCENT },
    count: { isCulprit: true, diagnoses: ['data_skew'] },
    counts: INNOCENT,
  },
};

interface Recording {
  /** In test/fixtures. */
  readonly folder: string;
  /** Of count, where that is not the same in all recordings. */
  readonly tooSmall: Partial<SeenOperator>;
  readonly hotKey: { readonly parallelism: number; readonly byBareLengths: readonly string[] };
}

/** By the version of Flink. In the younger story count is sized as split is: it begins with one instance. */
const RECORDINGS: Readonly<Record<string, Recording>> = {
  '1.20': {
    folder: 'flink',
    tooSmall: { parallelism: 5, ...INNOCENT },
    // The others seem to have no room, but none of them would be of use.
    hotKey: { parallelism: 5, byBareLengths: ['data_skew'] },
  },
  '2.3': {
    folder: 'flink-2.3',
    // It would be next behind a larger split.
    tooSmall: { parallelism: 1, isCulprit: false, diagnoses: ['underprovisioning'] },
    // The others seem to have no room, and have been of use for most of the window.
    hotKey: { parallelism: 3, byBareLengths: ['underprovisioning'] },
  },
};

function operatorsOf(topology: string) {
  const operators = [
    { name: 'source', match: 'Source:.*', role: 'source' },
    { name: 'split', inputs: ['source'] },
    { name: 'count', inputs: ['split'] },
    { name: 'counts', match: 'counts:.*', inputs: ['count'] },
  ];
  return { name: topology, engine: 'flink', operators };
}

async function recordedAt(folder: string, moment: string): Promise<RecordedSeries[]> {
  return JSON.parse(await readFile(`test/fixtures/${folder}/${moment}.json`, 'utf8')) as RecordedSeries[];
}

async function historyOf(folder: string, moment: string): Promise<History[]> {
  return (await recordedAt(folder, moment)).map(({ name, labels, samples }) => ({
    name,
    labels: { ...labels, job_name: moment },
    samples: samples.map(([beforeS, value]) => [END_S - beforeS, Number(value)] as const),
  }));
}

const HOUR_S = 3600;

/** What the service had exported of a topology for longer than scale-downs remember: half an instance of each operator was needed. */
function neededOf(topology: string): History[] {
  const samples = Array.from({ length: 66 }, (_, minute) => [END_S - HOUR_S - 300 + 60 * minute, 0.5] as const);
  return operatorsOf(topology).operators.map(({ name: operator }) => ({
    name: 'dhalion_operator_needed_instances',
    labels: { topology, operator },
    samples,
  }));
}

/** What is seen at all moments, each a topology of its own, by the engine with these changes. */
async function seenAtMoments(t: Test, folder: string, changes: object): Promise<SeenInHistory> {
  const moments = Object.keys(MOMENTS);
  const recorded = await Promise.all(moments.map((moment) => historyOf(folder, moment)));
  const history = [...recorded.flat(), ...moments.flatMap(neededOf)];
  const engines = { flink: { resolution: '10s', ...changes } };
  const topologies = Object.keys(MOMENTS).map(operatorsOf);
  const yaml = `window: 60s\nengines: ${JSON.stringify(engines)}\ntopologies: ${JSON.stringify(topologies)}\n`;
  return seenInHistory(t, history, yaml);
}

for (const [version, { folder, tooSmall, hotKey }] of Object.entries(RECORDINGS)) {
  void t.test(`what befell a real cluster of Flink ${version} is diagnosed`, async (t) => {
    const seen = await seenAtMoments(t, folder, {});
    for (const [moment, operators] of Object.entries(MOMENTS)) {
      for (const [operator, expected] of Object.entries(operators)) {
        const actual = seen(moment, operator);
        t.match(actual, expected, `${moment}: ${operator}`);
        t.same(actual.diagnoses, expected.diagnoses, `${moment}: ${operator}`);
      }
    }
    t.match(seen('too-small', 'count'), tooSmall);
    t.same(seen('too-small', 'count').diagnoses, tooSmall.diagnoses);
    t.equal(seen('hot-key', 'count').parallelism, hotKey.parallelism);
  });

  void t.test(
    `by the bare lengths of queues in Flink ${version}, a hot key shows only late, and little would ever be scaled down`,
    async (t) => {
      const seen = await seenAtMoments(t, folder, { sensors: { idle: null } });
      t.same(seen('hot-key', 'count').diagnoses, hotKey.byBareLengths);
      t.same(seen('too-large', 'count').diagnoses, [], 'two buffers are being filled');
    },
  );
}

/** What each task's series are called, and what their labels are: as `name{label, label} of task`. */
async function shapesOf(folder: string): Promise<string[]> {
  const series = await Promise.all(Object.keys(MOMENTS).map((moment) => recordedAt(folder, moment)));
  const shapes = series.flat().map(({ name, labels }) => {
    return `${name}{${Object.keys(labels).sort().join(', ')}} of ${labels['task_name'] ?? '?'}`;
  });
  return [...new Set(shapes)].sort();
}

void t.test('Flink 2.3 writes the same series of the same tasks, with the same labels, as 1.20 does', async (t) => {
  const [shapes = [], ...others] = await Promise.all(Object.values(RECORDINGS).map(({ folder }) => shapesOf(folder)));
  t.ok(shapes.length > 20, 'what there is to compare');
  for (const other of others) t.same(other, shapes);
});
