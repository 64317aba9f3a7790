// What the engine `flink` makes of series that Prometheus scraped from a real Flink 1.20 cluster: test/fixtures/flink, made
// by `npm run e2e:flink -- --record=test/fixtures/flink`. Each moment is a topology of its own here.
import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { RecordedSeries } from '../e2e/flink/record-series.js';
import type { History } from '../support/real-parts.js';
import { seenInHistory, type SeenInHistory, type SeenOperator } from '../support/seen-in-history.js';
import { END_S } from '../support/sensing.js';

const INNOCENT: Partial<SeenOperator> = { isCulprit: false, diagnoses: [] };

/** What is seen of source → split → count → counts at each moment. */
const MOMENTS: Readonly<Record<string, Readonly<Record<string, Partial<SeenOperator>>>>> = {
  'too-small': {
    source: { parallelism: 1, ...INNOCENT },
    split: { parallelism: 1, isCulprit: true, diagnoses: ['underprovisioning'] },
    count: { parallelism: 5, ...INNOCENT },
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
    count: { parallelism: 5, isCulprit: true, diagnoses: ['data_skew'] },
    counts: INNOCENT,
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

async function historyOf(moment: string): Promise<History[]> {
  const recorded = JSON.parse(await readFile(`test/fixtures/flink/${moment}.json`, 'utf8')) as RecordedSeries[];
  return recorded.map(({ name, labels, samples }) => ({
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
async function seenAtMoments(t: Test, changes: object): Promise<SeenInHistory> {
  const moments = Object.keys(MOMENTS);
  const history = [...(await Promise.all(moments.map(historyOf))).flat(), ...moments.flatMap(neededOf)];
  const engines = { flink: { resolution: '10s', ...changes } };
  const topologies = Object.keys(MOMENTS).map(operatorsOf);
  const yaml = `window: 60s\nengines: ${JSON.stringify(engines)}\ntopologies: ${JSON.stringify(topologies)}\n`;
  return seenInHistory(t, history, yaml);
}

void t.test('what befell a real Flink cluster is diagnosed', async (t) => {
  const seen = await seenAtMoments(t, {});
  for (const [moment, operators] of Object.entries(MOMENTS)) {
    for (const [operator, expected] of Object.entries(operators)) {
      const actual = seen(moment, operator);
      t.match(actual, expected, `${moment}: ${operator}`);
      t.same(actual.diagnoses, expected.diagnoses, `${moment}: ${operator}`);
    }
  }
});

void t.test(
  'by the bare lengths of its queues, a hot key is found all the same, and little would ever be scaled down',
  async (t) => {
    const seen = await seenAtMoments(t, { sensors: { idle: null } });
    t.same(
      seen('hot-key', 'count').diagnoses,
      ['data_skew'],
      'the others seem to have no room, but none of them would be of use',
    );
    t.same(seen('too-large', 'count').diagnoses, [], 'two buffers are being filled');
  },
);
