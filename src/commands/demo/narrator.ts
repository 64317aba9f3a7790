// Narrates a story as it is observed; each line shows the seconds since the start.
import type { Clock } from '../../clock.js';
import { DhalionError } from '../../errors.js';
import type { StoryStep } from './story-steps.js';

export interface Watching {
  readonly clock: Clock;
  /** Aborts the story. */
  readonly signal: AbortSignal;
}

export interface Narration {
  /** Colours are used only on a terminal. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly clock: Pick<Clock, 'now'>;
}

const LOOK_EVERY_MS = 250;

/** Rejects with `DhalionError` story_not_observed if a step is not observed in time. */
export async function observeStory(steps: readonly StoryStep[], narrator: Narrator, options: Watching): Promise<void> {
  for (const step of steps) {
    if (options.signal.aborted) return;
    narrator.announce(step.title);
    await step.act?.();
    const seen = await waitFor(step, options);
    if (seen !== null) narrator.observed(seen);
  }
}

/** What was observed; null: the user aborted the story. */
async function waitFor(step: StoryStep, { clock, signal }: Watching): Promise<string | null> {
  const deadlineMs = clock.now() + step.timeoutMs;
  while (!signal.aborted) {
    const seen = await step.observe();
    if (seen !== null) return seen;
    if (clock.now() >= deadlineMs) {
      throw new DhalionError('story_not_observed', `not observed within ${step.timeoutMs / 1000} s: ${step.title}`);
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return null;
}

export interface Narrator {
  readonly say: (text: string) => void;
  readonly announce: (title: string) => void;
  readonly observed: (what: string) => void;
}

export function createNarrator({ write, clock, isTerminal }: Narration): Narrator {
  const startedAtMs = clock.now();
  const tell = (mark: string, text: string, colour: number): void => {
    const seconds = ((clock.now() - startedAtMs) / 1000).toFixed(1).padStart(6);
    const line = `${mark} ${text}`;
    write(`[${seconds} s] ${isTerminal ? `\u001b[${colour}m${line}\u001b[0m` : line}\n`);
  };
  return {
    say: (text) => {
      tell('•', text, 0);
    },
    announce: (title) => {
      tell('…', title, 36);
    },
    observed: (what) => {
      tell('✓', what, 32);
    },
  };
}
