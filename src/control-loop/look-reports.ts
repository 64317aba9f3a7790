// What a look brought that is new, logged once: queries that fail, listed things without series, diagnoses that change. Knows
// what it has said and decides nothing.
import { describeError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import { hasUnknownSymptom } from '../model/symptom.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import { describeFailures, type QueryFailures } from '../sensors/describe-failures.js';
import { WORRYING_SKEW_MS, type PrometheusClock } from '../sensors/prometheus-clock.js';
import { describeUnmatched } from './describe-unmatched.js';

/**
 * Or a window, if that is shorter: just after a start there are no series yet (Prometheus alone takes 5 s to find its
 * targets), and a job that is started anew has none for a moment.
 */
const UNMATCHED_FOR_MS = 60_000;

interface Unmatched {
  /** When the first look, of those in a row, found something unmatched; by the time elapsed. */
  readonly sinceMs: number;
  /** What was logged last; null: nothing yet. */
  readonly told: string | null;
}

export class LookReports {
  readonly #logger: Logger;
  readonly #failures = new Map<string, QueryFailures>();
  /** As last seen, and how large it was when it was last logged; null: none. */
  #skew: { readonly words: string; readonly toldMs: number } | null = null;
  /** Why what was needed before is not known, by engine. */
  readonly #unreadNeeds = new Map<string, string>();
  readonly #unmatched = new Map<string, Unmatched>();
  /** By topology and operator, the diagnoses last logged; absent: `none`. */
  readonly #diagnoses = new Map<string, Map<string, string>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What Prometheus did not answer at the last look, a sentence an engine; and how wrong its clock is, or ours. */
  troubles(): readonly string[] {
    const failures = [...this.#failures].map(
      ([engine, failures]) => `Prometheus ${describeFailures(engine, failures)}`,
    );
    const unread = [...this.#unreadNeeds].map(
      ([engine, error]) =>
        `Prometheus does not tell what operators of engine ${engine} needed before (${error}): ` +
        'scale-downs wait until this process has seen it for as long as they remember.',
    );
    return [...failures, ...unread, ...(this.#skew === null ? [] : [this.#skew.words])];
  }

  adopt(previous: LookReports): void {
    for (const [topology, told] of previous.#diagnoses) this.#diagnoses.set(topology, told);
    this.#skew = previous.#skew;
  }

  /** Of topologies that are there no more nothing is remembered. */
  keepOnly(topologies: ReadonlyMap<string, unknown>): void {
    for (const topology of this.#diagnoses.keys()) if (!topologies.has(topology)) this.#diagnoses.delete(topology);
  }

  /** Once when it changes: what Prometheus fails to answer. */
  reportFailures(engine: string, failures: QueryFailures): void {
    const before = this.#failures.get(engine);
    const [first] = failures.failures;
    if (first === undefined) {
      if (this.#failures.delete(engine)) this.#logger.info({ engine }, 'Prometheus answers again');
      return;
    }
    this.#failures.set(engine, failures);
    const error = errorOf(failures);
    if (before !== undefined && errorOf(before) === error) return;
    this.#logger.warn({ engine, failed: failures.failures.length, of: failures.requests, error }, 'queries failed');
  }

  /**
   * Once when it changes: that what was needed before cannot be read.
   * @param fault null: it can, or need not
   */
  reportUnreadNeeds(engine: string, fault: unknown): void {
    if (fault === null) {
      this.#unreadNeeds.delete(engine);
      return;
    }
    const error = describeError(fault);
    const isTold = this.#unreadNeeds.get(engine) === error;
    this.#unreadNeeds.set(engine, error);
    if (!isTold) this.#logger.warn({ engine, error }, 'what operators needed before cannot be read');
  }

  /** Once when it begins, ends, or is another one by as much as is worth a word. */
  reportSkew(clock: Pick<PrometheusClock, 'describe' | 'skewMs'>): void {
    const words = clock.describe();
    const skewMs = clock.skewMs() ?? 0;
    if (words === null) {
      if (this.#skew !== null) this.#logger.info({}, 'the clocks of Prometheus and Dhalion agree again');
      this.#skew = null;
      return;
    }
    const isTold = this.#skew !== null && Math.abs(skewMs - this.#skew.toldMs) <= WORRYING_SKEW_MS;
    this.#skew = { words, toldMs: isTold ? (this.#skew?.toldMs ?? skewMs) : skewMs };
    if (!isTold) this.#logger.warn({ seconds: skewMs / 1000 }, words);
  }

  /**
   * Once when it changes and has lasted: what is listed and not to be seen in the series.
   * @param nowMs time elapsed
   */
  reportUnmatched(sensed: SensedTopology, nowMs: number): void {
    const { topology, windowMs } = sensed.measurement;
    const unmatched = describeUnmatched(sensed);
    if (unmatched === null) {
      this.#unmatched.delete(topology);
      return;
    }
    const { sinceMs, told } = this.#unmatched.get(topology) ?? { sinceMs: nowMs, told: null };
    const isTold = unmatched !== told && nowMs - sinceMs >= Math.min(windowMs, UNMATCHED_FOR_MS);
    this.#unmatched.set(topology, { sinceMs, told: isTold ? unmatched : told });
    if (isTold) this.#logger.warn({ topology, unmatched }, 'what is listed matches no series');
  }

  /** Once when it changes: what is the matter with an operator. That nothing was, and now is not known, is no news of it. */
  reportDiagnoses({ topology, operators }: TopologyEvaluation): void {
    const told = this.#diagnoses.get(topology) ?? new Map<string, string>();
    for (const operator of operators) {
      const { measurement, recommendedParallelism, suspendedRatio } = operator;
      const { name } = measurement.spec;
      const was = told.get(name) ?? 'none';
      const diagnoses = diagnosesOf(operator);
      if (diagnoses === was || (was === 'none' && diagnoses === 'unknown')) continue;
      told.set(name, diagnoses);
      this.#logger.info(
        {
          topology,
          operator: name,
          diagnoses,
          parallelism: measurement.parallelism,
          recommended_parallelism: recommendedParallelism,
          suspended_ratio: suspendedRatio,
        },
        'diagnosis changed',
      );
    }
    if (told.size > 0) this.#diagnoses.set(topology, told);
  }
}

/** As the metric has it: that there is none is known only where all symptoms are. */
function diagnosesOf({ diagnoses, symptoms }: OperatorEvaluation): string {
  if (diagnoses.length > 0) return diagnoses.map(({ diagnosis }) => diagnosis).join(' ');
  return hasUnknownSymptom(symptoms) ? 'unknown' : 'none';
}

function errorOf({ failures: [first] }: QueryFailures): string {
  return first === undefined ? '' : `${first.purpose}: ${describeError(first.error)}`;
}
