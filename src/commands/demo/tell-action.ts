// What became of an action so far, with the mark that it deserves: a tick only for what went well.
import type { SeenAction } from './loop-observer.js';
import type { Narrator } from './narrator.js';
import { describeAction } from './story-steps.js';

export function tellAction(action: SeenAction, narrator: Narrator): void {
  const text = describeAction(action);
  if (action.outcome === null) narrator.announce(text);
  else if (action.outcome === 'resolved' || action.outcome === 'improved') narrator.observed(text);
  else narrator.say(text);
}
