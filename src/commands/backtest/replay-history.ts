// The past, looked at as the service would have looked at it, a stretch at a time: while one stretch is evaluated, the next one
// is asked for. What is in memory does not grow with the range.
import type { BacktestRange, BacktestStep } from '../../backtest-report/backtest-step.js';
import type { Configuration } from '../../config/configuration.js';
import { evaluateSensed, withoutListedElsewhere, type LookResult } from '../../control-loop/evaluate-sensed.js';
import type { DiagnosisName } from '../../model/diagnosis.js';
import type { TopologyEvaluation } from '../../model/evaluation.js';
import type { ResolverName } from '../../model/resolver.js';
import { chooseResolver } from '../../resolvers/resolve.js';
import type { SensedTopology } from '../../sensors/assemble-measurements.js';
import type { PrometheusRangeClient, QueryRange } from '../../sensors/prometheus-client.js';
import { instantsOf } from '../../sensors/range-steps.js';
import { askRange, senseInstant, type RangeAnswers, type RangeRequest } from '../../sensors/sense.js';

export interface Replay {
  readonly configuration: Configuration;
  readonly client: PrometheusRangeClient;
  readonly range: BacktestRange;
  readonly signal: AbortSignal;
}

/** Prometheus answers with at most 11,000 points a series. */
const MAX_STEPS = 10_000;
const FIRST_STEPS = 50;

/**
 * How many at a time: `usual`, for what lives long enough to be copied makes the heap grow; where that is fewer steps than are
 * worth a question, as each has a window before its first step to look at, up to `most`.
 */
interface Amount {
  readonly usual: number;
  readonly most: number;
}
/** Samples of one answer, some 30 bytes each. */
export const SAMPLES: Amount = { usual: 10_000, most: 100_000 };

/**
 * The steps in their order. It begins a window before the range, without telling, so that the first step knows what was there
 * before. Rejects with the `DhalionError` of a query that cannot be answered.
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
    const atOnceSteps = stepsAtOnce(SAMPLES, series, 4 * windowSteps);
    const nextMs = stretch.range.endMs + range.stepMs;
    next = nextMs > range.toMs ? null : askStretch(requests, stretchFrom(nextMs, range, atOnceSteps));
    // Awaited in the next round; until then a failure must not count as unhandled.
    next?.catch(() => undefined);
    for (const step of look.at(stretch)) if (step.atMs >= range.fromMs) yield step;
  }
}

/** @param each how many there are at one step */
function stepsAtOnce({ usual, most }: Amount, each: number, worthwhileSteps: number): number {
  const steps = Math.min(Math.max(usual / each, worthwhileSteps), most / each, MAX_STEPS);
  return Math.max(1, Math.floor(steps));
}

/** What all engines' queries answered for some instants. */
interface Stretch {
  readonly range: QueryRange;
  /** One an engine. */
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

/** What one look leaves for the next. */
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

  /** Each stretch in its turn. One step's measurements are in memory at a time. */
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

  /** Two engines may discover the same name: the first one has it. What has vanished is forgotten. */
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

/** As the service chooses where nothing has been tried yet. */
function resolverOf({ configuredBy }: SensedTopology, diagnosis: DiagnosisName): ResolverName {
  return chooseResolver(diagnosis, (resolver) => ({
    isSupported: configuredBy.webhooks[resolver] !== undefined,
    wasIneffective: false,
  }));
}
