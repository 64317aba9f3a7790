// Plays the project's own policy: its sensing, evaluation, decisions, calls, settling, judging and action log, in simulated time.
import { createClosedLoop, START_MS } from '../support/closed-loop.js';
import { createNoisySensors } from '../scenarios/noisy-sensors.js';
import type { Kind } from '../scenarios/scenario.js';
import { createAccount, type RunFigures } from './account.js';
import type { PlayedScenario } from './decision-scenarios.js';

/** Flink's meters and Heron's exports are of a minute. */
const METER_SECONDS = 60;

export async function runProduct(
  policy: Readonly<Record<string, unknown>>,
  scenario: PlayedScenario,
  kind: Kind,
  seed: number,
): Promise<RunFigures> {
  const { spec, hours, fault, noise, maxParallelism } = scenario;
  const account = createAccount(spec, scenario.needed);
  const loop = await createClosedLoop({
    ...{ spec, engine: kind.engine, seed, policy, maxParallelism },
    hasMoreSensors: kind.hasMoreSensors === true,
    meterSeconds: METER_SECONDS,
    onStep: (topology) => {
      scenario.observe?.(topology);
      account.observe(topology);
    },
    ...(noise === undefined ? {} : { distort: createNoisySensors(noise, seed) }),
  });
  try {
    const faultAtSeconds = fault?.atSeconds ?? 0;
    await loop.run(faultAtSeconds);
    fault?.befall(loop.topology);
    await loop.run(hours * 3600 - faultAtSeconds);
    const actions = await loop.actions();
    return account.sumUp(
      loop.topology,
      actions.map(({ claimedAtMs }) => (claimedAtMs - START_MS) / 1000),
    );
  } finally {
    await loop.close();
  }
}
