// The actions that the service would have taken: the requests of a backtest's steps while the alert of a diagnosis would have fired.
// Nothing is executed, so an action lasts as long as its alert fires, and costs or saves instances at each step that asks for more
// or fewer. The number of listed actions is limited, whatever the length of the range.
import type { DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import { RESOLVER_OF, type ResolverName } from '../model/resolver.js';
import { ScaleDownAlert } from './scale-down-alert.js';

export interface BacktestAction {
  /** When it would have begun. */
  readonly atMs: number;
  readonly resolver: ResolverName;
  /** The operators that would have been changed together. */
  readonly operators: readonly BacktestActionOperator[];
}

export interface BacktestActionOperator {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
  readonly currentParallelism: number;
  /** The same for a restart or a rebalance. */
  readonly desiredParallelism: number;
  /** In words; null: unknown. */
  readonly because: string | null;
  /** The last step that asked for it. */
  readonly untilMs: number;
  /** Operator instance hours that it would have cost (above 0) or saved (below 0) by then. */
  readonly operatorHours: number;
}

/** The actions of a topology. */
export interface ActionsSummary {
  /** The first ones, at most `MAX_ACTIONS`; fewer once `MAX_ACTIONS_IN_ALL` are listed. */
  readonly listed: readonly BacktestAction[];
  readonly count: number;
  /** Operator instance hours of all actions; both at least 0. */
  readonly operatorHours: { readonly cost: number; readonly saved: number };
}

export const MAX_ACTIONS = 100;
/** Of all topologies together. */
export const MAX_ACTIONS_IN_ALL = 2000;

interface AlertWaits {
  /** `for`: a shorter diagnosis leads to no action. */
  readonly forMs: number;
  /** `keep_firing_for`: a diagnosis that returns by then need not wait again. */
  readonly keepFiringMs: number;
}

/** Times of the shipped alert rules. */
export const ALERT_WAITS: Readonly<Record<DiagnosisName, AlertWaits>> = {
  underprovisioning: { forMs: 60_000, keepFiringMs: 300_000 },
  overprovisioning: { forMs: 900_000, keepFiringMs: 0 },
  slow_instances: { forMs: 60_000, keepFiringMs: 300_000 },
  data_skew: { forMs: 60_000, keepFiringMs: 300_000 },
};
/** Range of the alert of `overprovisioning` in the shipped rules. */
export const OVERPROVISIONED_RANGE_MS = 420_000;

export interface ActionsOptions {
  /** True if a webhook of the topology serves it; without one, neither restart nor rebalance is asked for. Default: none does. */
  readonly supports?: (topology: string, resolver: ResolverName) => boolean;
  /** Why another size is asked for, in words. Default: no reason. */
  readonly explain?: (operator: OperatorEvaluation, topology: TopologyEvaluation) => string | null;
}

/** State shared by the tallies of all topologies. */
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

  /** True if the lists have space for one more. */
  get hasRoom(): boolean {
    return this.#room > 0;
  }

  takeRoom(): void {
    this.#room -= 1;
  }
}

interface Wanted {
  readonly resolver: ResolverName;
  readonly current: number;
  readonly desired: number;
}

/** State of one diagnosis of one operator. */
interface Alert {
  readonly sinceMs: number;
  lastMs: number;
  isFiring: boolean;
  /** Its action so far; null: none yet. */
  led: { readonly resolver: ResolverName; readonly action: Growing; instanceSteps: number } | null;
}

type Growing = { -readonly [Key in keyof BacktestActionOperator]: BacktestActionOperator[Key] };

export class ActionsTally {
  readonly #topology: string;
  readonly #context: ActionsContext;
  readonly #alerts = new Map<string, Alert>();
  readonly #listed: BacktestAction[] = [];
  #count = 0;
  readonly #instanceSteps = { cost: 0, saved: 0 };
  readonly #scaleDowns: ScaleDownAlert;

  constructor(topology: string, context: ActionsContext) {
    this.#topology = topology;
    this.#context = context;
    this.#scaleDowns = new ScaleDownAlert(OVERPROVISIONED_RANGE_MS, context.stepMs);
  }

  add(atMs: number, evaluation: TopologyEvaluation): void {
    this.#scaleDowns.add(atMs, evaluation);
    const begun = new Map<ResolverName, Growing[]>();
    for (const operator of evaluation.operators) {
      for (const { diagnosis } of operator.diagnoses) {
        const alert = this.#fire(atMs, operator, diagnosis);
        const wanted = alert.isFiring ? this.#wantedOf(operator, diagnosis) : null;
        if (wanted === null) continue;
        if (alert.led?.resolver !== wanted.resolver) {
          const action = this.#begin(wanted, diagnosis, operator, evaluation);
          alert.led = { resolver: wanted.resolver, action, instanceSteps: 0 };
          begun.set(wanted.resolver, [...(begun.get(wanted.resolver) ?? []), action]);
        }
        this.#charge(alert.led, atMs, wanted);
        break;
      }
    }
    for (const [resolver, operators] of begun) this.#note({ atMs, resolver, operators });
  }

  finish(): ActionsSummary {
    const { cost, saved } = this.#instanceSteps;
    const operatorHours = { cost: this.#hoursOf(cost), saved: this.#hoursOf(saved) };
    return { listed: this.#listed, count: this.#count, operatorHours };
  }

  /** As in Prometheus: the diagnosis of a step is exported until the next step. */
  #fire(atMs: number, operator: OperatorEvaluation, diagnosis: DiagnosisName): Alert {
    const { stepMs } = this.#context;
    const { name } = operator.measurement.spec;
    const key = `${diagnosis} ${name}`;
    const before = this.#alerts.get(key);
    const begun: Alert = { sinceMs: atMs, lastMs: atMs, isFiring: false, led: null };
    const alert = before !== undefined && this.#lasts(before, atMs, name, diagnosis) ? before : begun;
    alert.lastMs = atMs;
    const sinceMs = diagnosis === 'overprovisioning' ? this.#scaleDowns.activeSinceMs(name) : alert.sinceMs;
    alert.isFiring ||= sinceMs !== null && atMs + stepMs - sinceMs >= ALERT_WAITS[diagnosis].forMs;
    this.#alerts.set(key, alert);
    return alert;
  }

  #lasts(before: Alert, atMs: number, operator: string, diagnosis: DiagnosisName): boolean {
    const { stepMs } = this.#context;
    if (diagnosis === 'overprovisioning') return (this.#scaleDowns.activeSinceMs(operator) ?? atMs) <= before.lastMs;
    return atMs - before.lastMs <= stepMs + (before.isFiring ? ALERT_WAITS[diagnosis].keepFiringMs : 0);
  }

  /** null: no other size is asked for, and no webhook serves the other resolvers. */
  #wantedOf(operator: OperatorEvaluation, diagnosis: DiagnosisName): Wanted | null {
    const { parallelism: current } = operator.measurement;
    const { recommendedParallelism: desired } = operator;
    if (current === null || desired === null) return null;
    if (desired !== current) return { resolver: desired > current ? 'scale_up' : 'scale_down', current, desired };
    const resolver = RESOLVER_OF[diagnosis];
    const isInPlace = resolver === 'restart_instances' || resolver === 'rebalance';
    return isInPlace && this.#context.supports(this.#topology, resolver) ? { resolver, current, desired } : null;
  }

  #begin(
    wanted: Wanted,
    diagnosis: DiagnosisName,
    operator: OperatorEvaluation,
    evaluation: TopologyEvaluation,
  ): Growing {
    return {
      operator: operator.measurement.spec.name,
      diagnosis,
      currentParallelism: wanted.current,
      desiredParallelism: wanted.desired,
      because: this.#isListing ? this.#explain(wanted, diagnosis, operator, evaluation) : null,
      untilMs: evaluation.atMs,
      operatorHours: 0,
    };
  }

  #explain(
    { current, desired }: Wanted,
    diagnosis: DiagnosisName,
    operator: OperatorEvaluation,
    evaluation: TopologyEvaluation,
  ): string | null {
    return current === desired ? describeOutliers(operator, diagnosis) : this.#context.explain(operator, evaluation);
  }

  #charge(led: NonNullable<Alert['led']>, atMs: number, { current, desired }: Wanted): void {
    const instances = desired - current;
    led.instanceSteps += instances;
    led.action.untilMs = atMs;
    led.action.operatorHours = this.#hoursOf(led.instanceSteps);
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
