import t from 'tap';
import { READINGS } from '../../src/model/measurement.js';
import {
  noticeMissingInstances,
  type InstanceEvidence,
  type TopologyMemory,
} from '../../src/policy/notice-missing-instances.js';
import { flinkTopology, MINUTE_MS } from '../support/measurements.js';

interface Seen {
  readonly parallelism: number | null;
  /** The attempt of all instances; absent: the engine does not report attempts. */
  readonly attempt?: string | readonly string[];
  readonly told?: number;
}

/** Looks once a minute; `!` marks the looks at which instances are missing. */
function watch(looks: readonly (number | null | Seen)[], askedFor: InstanceEvidence['askedFor'] = null): string {
  let memory: TopologyMemory = new Map();
  return looks
    .map((look, minute) => {
      const seen = typeof look === 'object' && look !== null ? look : { parallelism: look };
      const noticed = noticeMissingInstances(
        flinkTopology({ split: { parallelism: seen.parallelism } }, minute * MINUTE_MS),
        memory,
        () => ({ askedFor, attempts: attemptsOf(seen), told: seen.told ?? null }),
      );
      memory = noticed.memory;
      const isIncomplete = noticed.measurement.operators[0]?.incompleteBecause !== null;
      return `${seen.parallelism ?? '-'}${isIncomplete ? '!' : ''}`;
    })
    .join(' ');
}

function attemptsOf({ parallelism, attempt }: Seen): ReadonlyMap<string, string> | null {
  if (attempt === undefined) return null;
  return new Map(
    Array.from({ length: parallelism ?? 0 }, (_, index) => {
      return [String(index), typeof attempt === 'string' ? attempt : (attempt[index] ?? '')];
    }),
  );
}

await t.test('a lower parallelism without evidence is missing data, without a time limit', (t) => {
  t.equal(watch([4, 4, 4]), '4 4 4');
  t.equal(watch([4, 3, 3, 3, 3, 3, 3, 3, 3, 3]), '4 3! 3! 3! 3! 3! 3! 3! 3! 3!');
  t.equal(watch([4, 3, 4, 3]), '4 3! 4 3!', 'instances that come back complete it again');
  t.equal(watch([2, 4]), '2 4', 'more is more');
  t.equal(watch([4, null, 3]), '4 - 3!', 'a look without series does not reset it');
  t.end();
});

await t.test('measurements of only some instances are dropped', (t) => {
  const memory = new Map([['split', { parallelism: 4, sinceMs: 0, attempts: null }]]);
  const noticed = noticeMissingInstances(
    flinkTopology({ split: { parallelism: 3, busy: [0.1, 0.1, 0.1] } }),
    memory,
    () => ({
      ...{ askedFor: null, attempts: null, told: null },
    }),
  );
  const [operator] = noticed.measurement.operators;
  t.equal(
    operator?.incompleteBecause,
    '3 operator instances are seen, 4 were seen before, and there is no evidence that the job runs with fewer; ' +
      'if it does, DELETE /api/v1/topologies/{name}/instances confirms it',
  );
  for (const reading of [operator?.busy, operator?.backpressure, operator?.pendingPackets, operator?.processingRate])
    t.match(reading, { kind: 'missing', because: /3 operator instances are seen/ });
  for (const [reading] of READINGS) t.not(operator?.[reading].kind, 'measured', reading);
  t.end();
});

await t.test('a parallelism that an own action asked for is accepted as lower', (t) => {
  const asked = { parallelism: 3, atMs: MINUTE_MS };
  t.equal(watch([4, 3, 3], asked), '4 3 3');
  t.equal(watch([4, 2, 3], asked), '4 2! 3', 'instances are missing during the change');
  t.equal(
    watch([4, 3, 4, 3], asked),
    '4 3 4 3!',
    'an action before more were seen explains nothing: someone else has scaled up since',
  );
  t.end();
});

await t.test('a parallelism after a restart of the remaining instances is accepted as lower', (t) => {
  const first = (parallelism: number): Seen => ({ parallelism, attempt: 'a' });
  const second = (parallelism: number): Seen => ({ parallelism, attempt: 'b' });
  t.equal(watch([first(4), second(2), second(2)]), '4 2 2');
  t.equal(watch([first(4), first(2), first(2)]), '4 2! 2!', 'a TaskManager whose scrape failed restarts nothing');
  t.equal(watch([first(4), second(4), second(2)]), '4 4 2!', 'a restart of all is remembered');
  t.equal(
    watch([first(4), { parallelism: 4, attempt: ['b', 'b', 'a', 'a'] }, second(2)]),
    '4 4 2',
    'lingering series of the attempt before do not hide the restart',
  );
  t.equal(watch([first(4), { parallelism: 2, attempt: ['b', 'a'] }]), '4 2!', 'one that restarted alone shows nothing');
  t.equal(watch([4, second(2)]), '4 2!', 'without a known earlier attempt there is no restart');
  t.end();
});

await t.test('the engine’s own parallelism is trusted, also against the series', (t) => {
  t.equal(watch([4, { parallelism: 2, told: 2 }]), '4 2');
  t.equal(watch([4, { parallelism: 2, told: 4 }]), '4 2!');
  t.equal(watch([{ parallelism: 2, told: 4 }]), '2!', 'at the first look too');
  t.end();
});
