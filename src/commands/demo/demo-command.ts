// `dhalion demo`: runs the whole loop on this machine and narrates it. With --once, it tests itself.
import type { Clock } from '../../clock.js';
import type { Logger } from '../../logger.js';
import { startDemoWorld, type DemoWorld } from './demo-world.js';
import { createLoopObserver, type LoopObserver } from './loop-observer.js';
import { createNarrator, observeStory, type Narrator } from './narrator.js';
import { tellStory } from './story.js';
import { describeAction } from './story-steps.js';
import { tellAction, tellNewest } from './tell-action.js';

export interface DemoOptions {
  /** Ends after the story. */
  readonly once: boolean;
  /** PATH, to find Prometheus and Alertmanager. */
  readonly path: string;
  /** Colours are used only on a terminal. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeVersion: string;
  readonly signal: AbortSignal;
}

/** Rejects with `DhalionError` story_not_observed if a step is not observed in time. */
export async function demoCommand(options: DemoOptions): Promise<void> {
  const { path, clock, logger, nodeVersion, signal } = options;
  const narrator = createNarrator(options);
  narrator.say('Starting a simulated Flink word count, Prometheus, Alertmanager and Dhalion …');
  const world = await startDemoWorld({ path, clock, logger, nodeVersion });
  const observer = createLoopObserver(world);
  try {
    narrator.say(
      `Dhalion ${world.dhalionUrl}  Prometheus ${world.prometheusUrl}  Alertmanager ${world.alertmanagerUrl}`,
    );
    try {
      await observeStory(tellStory(world.simulator, observer), narrator, options);
    } catch (error) {
      await tellNewest(observer, narrator);
      throw error;
    }
    if (signal.aborted) return;
    narrator.say('Every step of the story was observed.');
    if (!options.once) await goOn(world, observer, narrator, options);
  } finally {
    observer.close();
    await world.stop();
  }
}

/** Keeps the loop running with a rising and falling load until the user ends it. */
async function goOn(
  { simulator }: DemoWorld,
  observer: LoopObserver,
  narrator: Narrator,
  { clock, signal }: DemoOptions,
): Promise<void> {
  narrator.say('The loop goes on, with a load that rises and falls. Ctrl-C ends it.');
  const startedAtMs = clock.now();
  let told = '';
  while (!signal.aborted) {
    const minutes = (clock.now() - startedAtMs) / 60_000;
    simulator.topology.setOfferedRate(700 - 400 * Math.cos((Math.PI * minutes) / 2));
    const [newest] = await observer.actions();
    const text = newest === undefined ? '' : describeAction(newest);
    if (newest !== undefined && text !== told) tellAction(newest, narrator);
    told = text;
    await clock.sleep(1000, signal);
  }
}
