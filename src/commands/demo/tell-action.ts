// Describes the progress of an action, with a tick only if it went well, and what Dhalion did instead of the expected action.
import type { LoopObserver, SeenAction } from './loop-observer.js';
import type { Narrator } from './narrator.js';
import { describeAction } from './story-steps.js';

export function tellAction(action: SeenAction, narrator: Narrator): void {
  const text = describeAction(action);
  if (action.outcome === null) narrator.announce(text);
  else if (action.outcome === 'resolved' || action.outcome === 'improved') narrator.observed(text);
  else narrator.say(text);
}

const TOLD = 5;

/** Explains why a step was not observed; prints nothing if Dhalion cannot be reached. */
export async function tellNewest(observer: LoopObserver, narrator: Narrator): Promise<void> {
  const [actions, decisions] = await Promise.all([observer.actions(), observer.decisions()]).catch(() => [[], []]);
  for (const action of actions.slice(0, TOLD).reverse()) {
    narrator.say(`Dhalion acted at ${action.claimed_at}: ${describeAction(action)}`);
  }
  for (const { at, operator, diagnosis, decision, reason } of decisions.slice(0, TOLD).reverse()) {
    narrator.say(
      `Dhalion decided at ${at}: ${operator}, ${diagnosis}: ${decision}${reason === null ? '' : `, ${reason}`}`,
    );
  }
}
