// Evaluates the past as the service would have, stretch by stretch: one stretch is evaluated while the next is being fetched.
// Memory does not grow with the range.
import type { BacktestRange, BacktestStep } from '../../backtest-report/backtest-step.js';
import type { Configuration } from '../../config/configuration.js';
import { evaluateSensed, withoutListedElsewhere, type LookResult } from '../../control-loop/evaluate-sensed.js';
import type { DiagnosisName } from '../../model/diagnosis.js';
import type { TopologyEvaluation } from '../../model/evaluation.js';
import type { ResolverName } from '../../model/resolver.js';
import { chooseResolver } from '../../resolvers/resolve.js';
import type { SensedTopology } from '../../sensors/assemble-measurements.js';
import type { PrometheusRangeClient } from '../../sensors/prometheus-client.js';
import type { QueryRange } from '../../sensors/range-steps.js';
import { instantsOf } from '../../sensors/range-steps.js';
import { askRange, senseInstant, type RangeAnswers, type RangeRequest } from '../../sensors/sense.js';

export interface Replay {
  readonly configuration: Configuration;
  readonly client: PrometheusRangeClient;
  readonly range: BacktestRange;
  readonly signal: AbortSignal;
}

/** Prometheus returns at most 11,000 points per series. */
const MAX_STEPS = 10_000;
const FIRST_STEPS = 50;

/**
 * Size of a stretch. `usual` keeps the heap small. A stretch may grow to `most` if `usual` covers too few steps to justify a query:
 * each query also reads the window before its first step.
 */
interface Amount {
  readonly usual: number;
  readonly most: number;
}
/** Samples in one answer, about 30 bytes each. */
export const SAMPLES: Amount = { usual: 10_000, most: 100_000 };

/**
 * Yields the steps in order. Evaluation begins one window before the range, without yielding, so that the first step knows what was
 * present before it. Rejects with the `DhalionError` of a failed query.
 */
export async function* replayHistory(replay: Replay): AsyncGenerator<BacktestStep> {
  const { configuration, range, signal } = replay;
  const requests = [...configuration.engines.values()].map((engine): RangeRequest => ({
    client: replay.client,
    engine,
    windowMs: configuration.windowMs,
    listed: configuration.topologies.filter((topology) => topology.engine === engine.name),
    discoveries: configuration.discoveries.filter((discovery) => discovery.engine === engine.name),
    only: null,
    signal,
  }));
  const look = new PastLook(configuration, requests);
  const windowSteps = Math.ceil(configuration.windowMs / range.stepMs);
  const startMs = range.fromMs - windowSteps * range.stepMs;
  let next: Promise<Stretch> | null = askStretch(requests, stretchFrom(startMs, range, FIRST_STEPS));
  while (next !== null) {
    const stretch: Stretch = await next;
    const series = Math.max(0, ...stretch.answers.map((ofEngine) => ofEngine.series));
    const atOnceSteps = stepsAtOnce(SAMPLES, series, 2 * windowSteps);
    const nextMs = stretch.range.endMs + range.stepMs;
    next = nextMs > range.toMs ? null : askStretch(requests, stretchFrom(nextMs, range, atOnceSteps));
    // Awaited in the next round. Until then a failure must not count as an unhandled rejection.
    next?.catch(() => undefined);
    for (const step of look.at(stretch)) if (step.atMs >= range.fromMs) yield step;
  }
}

/** @param each samples at one step */
function stepsAtOnce({ usual, most }: Amount, each: number, worthwhileSteps: number): number {
  const steps = Math.min(Math.max(usual / each, worthwhileSteps), most / each, MAX_STEPS);
  return Math.max(1, Math.floor(steps));
}

/** The answers to all engines' queries for several instants. */
interface Stretch {
  readonly range: QueryRange;
  /** One per engine. */
  readonly answers: readonly RangeAnswers[];
}

function stretchFrom(startMs: number, { toMs, stepMs }: BacktestRange, steps: number): QueryRange {
  return { startMs, endMs: Math.min(startMs + (steps - 1) * stepMs, lastInstant(startMs, toMs, stepMs)), stepMs };
}

function lastInstant(startMs: number, toMs: number, stepMs: number): number {
  return startMs + Math.floor((toMs - startMs) / stepMs) * stepMs;
}

async function askStretch(requests: readonly RangeRequest[], range: QueryRange): Promise<Stretch> {
  return { range, answers: await Promise.all(requests.map((request) => askRange(request, range))) };
}

/** State that one look passes on to the next. */
class PastLook {
  readonly #configuration: Configuration;
  readonly #requests: readonly RangeRequest[];
  /** By engine. */
  readonly #known = new Map<string, readonly SensedTopology[]>();
  #memories: ReadonlyMap<string, Omit<LookResult, 'evaluation'>> = new Map();

  constructor(configuration: Configuration, requests: readonly RangeRequest[]) {
    this.#configuration = configuration;
    this.#requests = requests;
  }

  /** Yields each stretch in turn. Only one step's measurements are in memory at a time. */
  *at({ answers, range }: Stretch): Generator<BacktestStep> {
    for (const [index, atMs] of instantsOf(range).entries()) {
      const sensed = this.#requests.flatMap((request, position) => {
        const ofEngine = answers[position];
        if (ofEngine === undefined) return [];
        const { name } = request.engine;
        const topologies = senseInstant(request, ofEngine, index, this.#known.get(name) ?? []);
        this.#known.set(name, topologies);
        return topologies;
      });
      yield { atMs, evaluations: this.#evaluate(sensed) };
    }
  }

  /** If two engines discover the same name, the first one has it. Vanished topologies are forgotten. */
  #evaluate(sensed: readonly SensedTopology[]): TopologyEvaluation[] {
    const evaluations = new Map<string, TopologyEvaluation>();
    const memories = new Map<string, Omit<LookResult, 'evaluation'>>();
    for (const topology of withoutListedElsewhere(this.#configuration, sensed)) {
      const name = topology.measurement.topology;
      if (evaluations.has(name)) continue;
      const before = this.#memories.get(name);
      const { evaluation, ...remembered } = evaluateSensed(topology, {
        memory: before?.memory,
        needed: before?.needed,
        busy: before?.busy,
        askedFor: () => null,
        resolverFor: (_operator, diagnosis) => resolverOf(topology, diagnosis),
      });
      evaluations.set(name, evaluation);
      memories.set(name, remembered);
    }
    this.#memories = memories;
    return [...evaluations.values()];
  }
}

/** Chooses as the service does where nothing has been tried yet. */
function resolverOf({ configuredBy }: SensedTopology, diagnosis: DiagnosisName): ResolverName {
  return chooseResolver(diagnosis, (resolver) => ({
    isSupported: configuredBy.webhooks[resolver] !== undefined,
    wasIneffective: false,
  }));
}
