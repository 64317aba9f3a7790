// What must hold whatever happens to a topology: random graphs, loads and faults, hours of simulated time.
import fc from 'fast-check';
import type { Action, ActionOperator } from '../../src/model/action.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import { FLINK_PHYSICS, HERON_PHYSICS, type TopologySpec } from '../../src/simulator/topology-spec.js';
import { createClosedLoop, type ClosedLoop, type ClosedLoopOptions } from '../support/closed-loop.js';
import { answerOf, begin, CALM, distorted, isFullyKnown, randomEpisode } from '../support/random-events.js';
import { faultlessTopology, nearlyFullTopology, randomTopology } from '../support/random-topologies.js';

const MOST = 12;
const HOUR = 3600;
/** A run takes seconds, so a failure is not shrunk: it comes with seed and path. */
const RUNS = { seed: 1, endOnFailure: true };

const ENGINES = [
  { physics: FLINK_PHYSICS, hasMoreSensors: true },
  { physics: HERON_PHYSICS, hasMoreSensors: true },
  { physics: HERON_PHYSICS, hasMoreSensors: false },
];

function openLoop(
  spec: TopologySpec,
  options: Pick<ClosedLoopOptions, 'distort' | 'answer' | 'onStep' | 'hasMoreSensors'> = {},
): Promise<ClosedLoop> {
  const engine = spec.physics?.kind === 'watermarks' ? 'heron' : 'flink';
  // With a memory of an hour hardly anything would be given back in such a run.
  const policy = { scale_down_memory: '5m', scale_down_memory_max: '20m', min_saving: 0 };
  return createClosedLoop({
    ...{ spec, engine, maxParallelism: MOST, policy },
    ...options,
  });
}

/**
 * Whatever befalls it: bounds hold, one action is open, harm is undone, all is judged. Resolves with the resolvers and outcomes that
 * occurred.
 */
export async function checkWhateverBefalls(numRuns: number): Promise<ReadonlySet<string | null>> {
  const seen = new Set<string | null>();
  const happenings = fc.array(randomEpisode(MOST), { minLength: 3, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(randomTopology, happenings, async (spec, episodes) => {
      let episode = CALM;
      let newest: TopologyMeasurement | null = null;
      const faults: string[] = [];
      const loop = await openLoop(spec, {
        distort: (measurement) => (newest = distorted(measurement, episode)),
        answer: ({ resolver, operators }, carryOut) => {
          for (const { desiredParallelism } of operators) {
            if (desiredParallelism < 1 || desiredParallelism > MOST) faults.push(`asked for ${desiredParallelism}`);
          }
          if (resolver === 'scale_down' && newest !== null && !isFullyKnown(newest)) faults.push('shrunk blindly');
          const result = answerOf(episode.mood, carryOut);
          if (resolver === 'scale_down' && episode.isAmbush) ambush(loop.topology, operators);
          return result;
        },
        onStep: (topology, open) => {
          faults.push(...outOfBounds(topology));
          if (open.length > 1) faults.push(`${open.length} open actions`);
        },
      });
      try {
        for (episode of episodes) {
          begin(episode, loop.topology);
          await loop.run(60 * episode.minutes);
        }
        episode = CALM;
        await loop.run(1.5 * HOUR);
        const actions = await loop.actions();
        for (const { resolver, outcome } of actions) seen.add(resolver).add(outcome);
        check([...faults, ...unfinished(actions, loop.nowMs())], actions);
      } finally {
        await loop.close();
      }
    }),
    { ...RUNS, numRuns },
  );
  return seen;
}

/**
 * Under a constant load it settles within three actions, also on a Heron that tells neither how busy its instances are nor what waits at its
 * sources. That holds for these runs, not for every topology: with up to a slow instance and a hot key in each operator, restarts and
 * rebalances come one by one before more instances. Resolves with the number of actions in all.
 */
export async function checkThatItSettles(numRuns: number): Promise<number> {
  let acted = 0;
  await fc.assert(
    fc.asyncProperty(randomTopology, async (spec) => {
      acted += await countUntilSettled(spec, { hasMoreSensors: true });
      if (spec.physics?.kind === 'watermarks') acted += await countUntilSettled(spec, { hasMoreSensors: false });
    }),
    { ...RUNS, numRuns },
  );
  return acted;
}

/**
 * Without slow instances and hot keys it settles within three actions where the engine tells busy and backlog. That holds for these
 * runs; of 200 with two other seeds 182 do, with 1.5 actions on average. Of the other 18, 16 have uneven keys (±40 %), which are
 * rebalanced before there are more instances, and 2 give capacity back in several steps. Of 86 on a Heron that tells neither 65 do, with
 * 2.1 on average: most of the others give capacity back a fifth at a time. Resolves with the number of actions in all.
 */
export async function checkThatTheFaultlessSettle(numRuns: number): Promise<number> {
  let acted = 0;
  await fc.assert(
    fc.asyncProperty(faultlessTopology, async (spec) => {
      acted += await countUntilSettled(spec, { hasMoreSensors: true });
    }),
    { ...RUNS, numRuns },
  );
  return acted;
}

/**
 * Under a constant load that nearly fills its instances an operator does not swing: it is scaled at most once to a size that it had been
 * scaled up from. Resolves with the number of actions in all.
 */
export async function checkThatNothingSwings(numRuns: number): Promise<number> {
  let acted = 0;
  await fc.assert(
    fc.asyncProperty(nearlyFullTopology, async (spec) => {
      for (const { physics, hasMoreSensors } of ENGINES) {
        const loop = await openLoop({ ...spec, physics }, { hasMoreSensors });
        try {
          await loop.run(6 * HOUR);
          const actions = await loop.actions();
          check(swingsOf(actions), actions);
          acted += actions.length;
        } finally {
          await loop.close();
        }
      }
    }),
    { ...RUNS, numRuns },
  );
  return acted;
}

/** Operators that were scaled down more than once to a size that they had been scaled up from. */
function swingsOf(actions: readonly Action[]): readonly string[] {
  const leftUpward = new Set<string>();
  const returns: string[] = [];
  for (const { operator, currentParallelism, desiredParallelism } of actions.flatMap(({ operators }) => operators)) {
    if (desiredParallelism > currentParallelism) leftUpward.add(`${operator} at ${currentParallelism}`);
    const size = `${operator} at ${desiredParallelism}`;
    if (desiredParallelism < currentParallelism && leftUpward.has(size)) returns.push(size);
  }
  return [...new Set(returns.filter((size, index) => returns.indexOf(size) < index))].map((size) => `${size} again`);
}

/** Rejects if there are more than three actions, or any after four hours. */
async function countUntilSettled(spec: TopologySpec, options: { readonly hasMoreSensors: boolean }): Promise<number> {
  const loop = await openLoop(spec, options);
  try {
    await loop.run(4 * HOUR);
    const early = await loop.actions();
    await loop.run(2 * HOUR);
    const all = await loop.actions();
    const faults = [
      ...(early.length > 3 ? [`${early.length} actions in 4 h`] : []),
      ...(all.length > early.length ? [`${all.length - early.length} actions after 4 h`] : []),
    ];
    check(faults, all);
    return all.length;
  } finally {
    await loop.close();
  }
}

/** Makes one of the remaining instances slow, which no earlier look could foresee. */
function ambush(topology: FluidTopology, operators: readonly ActionOperator[]): void {
  for (const { operator } of operators) topology.setSlowInstance(operator, { index: 0, factor: 8 });
}

/** Operators whose parallelism is out of bounds. */
function outOfBounds(topology: FluidTopology): readonly string[] {
  const { operators } = topology.state();
  return operators
    .filter(({ parallelism }) => parallelism < 1 || parallelism > MOST)
    .map(({ name, parallelism }) => `${name} has ${parallelism}`);
}

/** Actions that are neither judged nor reverted though there was enough time. */
function unfinished(actions: readonly Action[], nowMs: number): readonly string[] {
  const due = actions.filter(({ claimedAtMs }) => claimedAtMs < nowMs - HOUR * 1000);
  const unjudged = due.filter(({ state }) => state !== 'judged');
  const standing = due.filter(
    ({ id, outcome }) => outcome === 'harmful' && !actions.some((action) => action.reverts === id && isUndoing(action)),
  );
  return [...unjudged.map(({ id }) => `${id} is not judged`), ...standing.map(({ id }) => `${id} is not undone`)];
}

/** A revert that took effect, may still do so, or found that somebody else had moved the operator. */
function isUndoing({ outcome }: Action): boolean {
  return outcome === null || outcome === 'resolved' || outcome === 'superseded';
}

function check(faults: readonly string[], actions: readonly Action[]): void {
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\n${listed(actions)}`);
}

/** One line for each action. */
function listed(actions: readonly Action[]): string {
  return actions
    .map(({ id, operators, resolver, outcome, failure }) =>
      [id, resolver, ...operators.map(describeAsked), outcome, failure].join(' '),
    )
    .join('\n');
}

function describeAsked({ operator, currentParallelism, desiredParallelism }: ActionOperator): string {
  return `${operator} ${currentParallelism} → ${desiredParallelism}`;
}
