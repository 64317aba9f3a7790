// What the service would have done: of what a backtest's steps ask for, what is asked for as long as its alert waits. Nothing is
// acted upon, so that an action lasts for as long as the same is asked for, and costs or saves instances until then. How many are
// listed is bounded, whatever the length of the range.
import type { DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import { RESOLVER_OF, type ResolverName } from '../model/resolver.js';
import { hasUnknown } from './backtest-step.js';

export interface BacktestAction {
  /** When it would have been taken. */
  readonly atMs: number;
  readonly resolver: ResolverName;
  /** Those that would have been changed together. */
  readonly operators: readonly BacktestActionOperator[];
}

export interface BacktestActionOperator {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly currentParallelism: number;
  /** The same for a restart or a rebalance. */
  readonly desiredParallelism: number;
  /** In words; null: it is not known why. */
  readonly because: string | null;
  /** The last step at which it was asked for. */
  readonly untilMs: number;
  /** Operator instance hours that it would have cost (above 0) or saved (below 0) by then. */
  readonly operatorHours: number;
}

/** The actions of a topology. */
export interface ActionsSummary {
  /** The first ones, at most `MAX_ACTIONS`; fewer where `MAX_ACTIONS_IN_ALL` are listed already. */
  readonly listed: readonly BacktestAction[];
  readonly count: number;
  /** Of all of them, operator instance hours; both at least 0. */
  readonly operatorHours: { readonly cost: number; readonly saved: number };
}

export const MAX_ACTIONS = 100;
/** Of all topologies together. */
export const MAX_ACTIONS_IN_ALL = 2000;

/** `for` of the shipped alert rules: what is asked for more briefly is not acted upon. */
export const ALERT_WAITS_MS: Readonly<Record<ResolverName, number>> = {
  restart_instances: 60_000,
  rebalance: 60_000,
  scale_up: 60_000,
  scale_down: 900_000,
};

export interface ActionsOptions {
  /** Whether a webhook of the topology carries it out: without one, neither restart nor rebalance is asked for. Default: none does. */
  readonly supports?: (topology: string, resolver: ResolverName) => boolean;
  /** Why another size is asked for, in words. Default: nothing is said. */
  readonly explain?: (operator: OperatorEvaluation, topology: TopologyEvaluation) => string | null;
}

/** What the tallies of all topologies share. */
export class ActionsContext {
  readonly stepMs: number;
  readonly supports: NonNullable<ActionsOptions['supports']>;
  readonly explain: NonNullable<ActionsOptions['explain']>;
  #room = MAX_ACTIONS_IN_ALL;

  constructor(stepMs: number, { supports = () => false, explain = () => null }: ActionsOptions) {
    this.stepMs = stepMs;
    this.supports = supports;
    this.explain = explain;
  }

  /** Whether there is room for one more in the lists. */
  get hasRoom(): boolean {
    return this.#room > 0;
  }

  takeRoom(): void {
    this.#room -= 1;
  }
}

interface Wanted {
  readonly resolver: ResolverName;
  readonly diagnosis: DiagnosisName;
  readonly current: number;
  readonly desired: number;
}

interface Asked {
  readonly resolver: ResolverName;
  readonly sinceMs: number;
  lastMs: number;
  /** null: the alert waits. */
  action: Growing | null;
  /** Whole numbers, whose sum is exact. */
  instanceSteps: number;
}

type Growing = { -readonly [Key in keyof BacktestActionOperator]: BacktestActionOperator[Key] };

export class ActionsTally {
  readonly #topology: string;
  readonly #context: ActionsContext;
  readonly #asked = new Map<string, Asked>();
  readonly #listed: BacktestAction[] = [];
  #count = 0;
  readonly #instanceSteps = { cost: 0, saved: 0 };

  constructor(topology: string, context: ActionsContext) {
    this.#topology = topology;
    this.#context = context;
  }

  add(atMs: number, evaluation: TopologyEvaluation): void {
    const begun = new Map<ResolverName, Growing[]>();
    for (const operator of evaluation.operators) {
      const wanted = this.#wantedOf(operator);
      const asked = this.#follow(atMs, operator, wanted);
      if (wanted === null || wanted === 'unknown' || asked === null) continue;
      if (asked.action === null && this.#hasWaited(asked, atMs)) {
        asked.action = this.#begin(atMs, wanted, operator, evaluation);
        begun.set(asked.resolver, [...(begun.get(asked.resolver) ?? []), asked.action]);
      }
      if (asked.action !== null) this.#charge(asked, asked.action, atMs, wanted);
    }
    for (const [resolver, operators] of begun) this.#note({ atMs, resolver, operators });
  }

  finish(): ActionsSummary {
    const { cost, saved } = this.#instanceSteps;
    const operatorHours = { cost: this.#hoursOf(cost), saved: this.#hoursOf(saved) };
    return { listed: this.#listed, count: this.#count, operatorHours };
  }

  /** null: nothing. */
  #wantedOf(operator: OperatorEvaluation): Wanted | 'unknown' | null {
    const { parallelism: current } = operator.measurement;
    const { recommendedParallelism: desired, diagnoses } = operator;
    if (current === null || desired === null) return 'unknown';
    const sized = desired > current ? 'scale_up' : desired < current ? 'scale_down' : null;
    for (const { diagnosis } of diagnoses) {
      const resolver = sized ?? RESOLVER_OF[diagnosis];
      const isResized = resolver === 'scale_up' || resolver === 'scale_down';
      if (isResized ? sized !== null : this.#context.supports(this.#topology, resolver)) {
        return { resolver, diagnosis, current, desired };
      }
    }
    return hasUnknown(operator) ? 'unknown' : null;
  }

  /** What is unknown ends an alert that waits; of one that has fired, it neither ends nor begins anything. */
  #follow(atMs: number, operator: OperatorEvaluation, wanted: Wanted | 'unknown' | null): Asked | null {
    const { name } = operator.measurement.spec;
    const before = this.#asked.get(name);
    if (wanted === 'unknown' && before?.action !== null) return null;
    if (wanted === null || wanted === 'unknown') {
      this.#asked.delete(name);
      return null;
    }
    // What was not there in between has no series, and its alert waits anew.
    const isSame =
      before?.resolver === wanted.resolver && (before.action !== null || before.lastMs >= atMs - this.#context.stepMs);
    const asked: Asked = isSame
      ? before
      : { resolver: wanted.resolver, sinceMs: atMs, lastMs: atMs, action: null, instanceSteps: 0 };
    asked.lastMs = atMs;
    this.#asked.set(name, asked);
    return asked;
  }

  /** What a step concludes is exported until the next one. */
  #hasWaited({ resolver, sinceMs }: Asked, atMs: number): boolean {
    return atMs + this.#context.stepMs - sinceMs >= ALERT_WAITS_MS[resolver];
  }

  #begin(atMs: number, wanted: Wanted, operator: OperatorEvaluation, evaluation: TopologyEvaluation): Growing {
    return {
      operator: operator.measurement.spec.name,
      diagnosis: wanted.diagnosis,
      currentParallelism: wanted.current,
      desiredParallelism: wanted.desired,
      because: this.#isListing ? this.#explain(wanted, operator, evaluation) : null,
      untilMs: atMs,
      operatorHours: 0,
    };
  }

  #explain({ diagnosis, current, desired }: Wanted, operator: OperatorEvaluation, evaluation: TopologyEvaluation) {
    return current === desired ? describeOutliers(operator, diagnosis) : this.#context.explain(operator, evaluation);
  }

  #charge(asked: Asked, action: Growing, atMs: number, { current, desired }: Wanted): void {
    const instances = desired - current;
    asked.instanceSteps += instances;
    action.untilMs = atMs;
    action.operatorHours = this.#hoursOf(asked.instanceSteps);
    if (instances > 0) this.#instanceSteps.cost += instances;
    else this.#instanceSteps.saved -= instances;
  }

  #hoursOf(instanceSteps: number): number {
    return (instanceSteps * this.#context.stepMs) / HOUR_MS;
  }

  #note(action: BacktestAction): void {
    this.#count += 1;
    if (!this.#isListing) return;
    this.#context.takeRoom();
    this.#listed.push(action);
  }

  get #isListing(): boolean {
    return this.#listed.length < MAX_ACTIONS && this.#context.hasRoom;
  }
}

const HOUR_MS = 3_600_000;

function describeOutliers({ diagnoses }: OperatorEvaluation, name: DiagnosisName): string | null {
  const instances = diagnoses.find(({ diagnosis }) => diagnosis === name)?.operatorInstances ?? [];
  if (instances.length === 0) return null;
  return `${instances.length === 1 ? 'instance' : 'instances'} ${instances.join(', ')} stand${instances.length === 1 ? 's' : ''} out`;
}
