// The building blocks of a story: something done to the topology, or something that must then be observed.
import { describeAim } from '../../http/page/browser/instance-words.js';
import type { ActionKind } from '../../model/resolver.js';
import type { LoopObserver, SeenAction, SeenOperator } from './loop-observer.js';

/** Returns what was observed; null: not yet. */
export type Observation = () => Promise<string | null>;

export interface StoryStep {
  /** A fact in the present tense. */
  readonly title: string;
  /** Done once, before observing. */
  readonly act?: () => void | Promise<void>;
  readonly observe: Observation;
  readonly timeoutMs: number;
}

/** Prometheus has scraped the diagnosis. */
export function diagnosisStep(
  observer: LoopObserver,
  diagnosis: string,
  title: string,
  { operator = 'split', timeoutMs = 60_000 }: { readonly operator?: string; readonly timeoutMs?: number } = {},
): StoryStep {
  const series = `dhalion_diagnosis{operator="${operator}",diagnosis="${diagnosis}"}`;
  return {
    title,
    timeoutMs,
    observe: whenAbove(observer, series, 0, () => `Prometheus has scraped ${series} 1`),
  };
}

/** The newest such action has this outcome, or one of these. */
export function outcomeStep(
  observer: LoopObserver,
  title: string,
  isMeant: (action: SeenAction) => boolean,
  outcome: string | readonly string[] = 'resolved',
  timeoutMs = 90_000,
): StoryStep {
  return {
    title,
    timeoutMs,
    observe: async () => {
      const newest = (await observer.actions()).find(isMeant);
      return newest !== undefined && [outcome].flat().includes(newest.outcome ?? '') ? describeAction(newest) : null;
    },
  };
}

/** A scale-down of `split`, possibly with other operators, that leaves it this many instances. */
export function isScaleDownTo(parallelism: number): (action: SeenAction) => boolean {
  return ({ resolver, operators }) =>
    resolver === 'scale_down' &&
    operators.some(({ operator, desired_parallelism: desired }) => operator === 'split' && desired === parallelism);
}

/** The state of an action before it has an outcome. */
const STATE_WORDS: Readonly<Record<string, string>> = {
  claimed: 'claimed, not answered yet',
  completed: 'called, not judged yet',
};

/** `scale_up of split 1 → 5, count 1 → 4: resolved`, `restart of instance 1 of split (of 3): resolved`. */
export function describeAction({ resolver, operators, outcome, state }: SeenAction): string {
  const verb = resolver === 'restart_instances' ? 'restart' : resolver;
  return `${verb} of ${describeChanges(resolver, operators)}: ${outcome ?? STATE_WORDS[state] ?? state}`;
}

/** `split 1 → 5, count 1 → 4`. */
export function describeChanges(resolver: ActionKind, operators: readonly SeenOperator[]): string {
  return operators
    .map((asked) => {
      const { operator, current_parallelism: from, desired_parallelism: to } = asked;
      const aim = describeAim(resolver, asked);
      return aim === null ? `${operator} ${from} → ${to}` : `${aim.before}${operator}${aim.after}`;
    })
    .join(', ');
}

/** Describes the first sample above the limit. */
export function whenAbove(
  observer: LoopObserver,
  promql: string,
  limit: number,
  tell: (value: number) => string,
): Observation {
  return async () => {
    const value = await observer.value(promql);
    return value !== null && value > limit ? tell(value) : null;
  };
}
