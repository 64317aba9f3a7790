// Logs the news of a look once: failing queries, listed things without series, changed diagnoses. Remembers what it has
// logged and decides nothing.
import { describeError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import { hasUnknownSymptom } from '../model/symptom.js';
import { WORRYING_SKEW_MS, type ServerClock } from '../outbound/server-clock.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import { describeFailures, type QueryFailures } from './describe-failures.js';
import { describeUnmatched } from './describe-unmatched.js';

/**
 * Or a window, if that is shorter: just after a start there are no series yet (Prometheus alone takes 5 s to find its
 * targets), and a restarted job has none for a moment.
 */
const UNMATCHED_FOR_MS = 60_000;

interface Unmatched {
  /** When the first of the present run of looks with something unmatched began, in monotonic time. */
  readonly sinceMs: number;
  /** What was last logged; null: nothing yet. */
  readonly logged: string | null;
}

export class LookReports {
  readonly #logger: Logger;
  readonly #failures = new Map<string, QueryFailures>();
  /** The skew as last seen, and its size when last logged; null: none. */
  #skew: { readonly words: string; readonly loggedMs: number } | null = null;
  /** Why the recorded need could not be read, by engine. */
  readonly #unreadNeeds = new Map<string, string>();
  readonly #unmatched = new Map<string, Unmatched>();
  /** The last logged diagnoses by topology and operator; absent: `none`. */
  readonly #diagnoses = new Map<string, Map<string, string>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What Prometheus did not answer at the last look, a sentence for each engine; and how far the clocks are apart. */
  troubles(): readonly string[] {
    const failures = [...this.#failures].map(
      ([engine, failures]) => `Prometheus ${describeFailures(engine, failures)}`,
    );
    const unread = [...this.#unreadNeeds].map(
      ([engine, error]) =>
        `The recorded need of operators of engine ${engine} cannot be read from Prometheus (${error}): ` +
        'scale-downs wait until this process has observed all of scale_down_memory.',
    );
    return [...failures, ...unread, ...(this.#skew === null ? [] : [this.#skew.words])];
  }

  adopt(previous: LookReports): void {
    for (const [topology, logged] of previous.#diagnoses) this.#diagnoses.set(topology, logged);
    this.#skew = previous.#skew;
  }

  /** Drops topologies that are gone. */
  keepOnly(topologies: ReadonlyMap<string, unknown>): void {
    for (const topology of this.#diagnoses.keys()) if (!topologies.has(topology)) this.#diagnoses.delete(topology);
  }

  /** Logs a change in the queries that Prometheus fails to answer. */
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
   * Logs a change in whether the recorded need can be read.
   * @param fault null: it can be read, or is not needed
   */
  reportUnreadNeeds(engine: string, fault: unknown): void {
    if (fault === null) {
      this.#unreadNeeds.delete(engine);
      return;
    }
    const error = describeError(fault);
    const isLogged = this.#unreadNeeds.get(engine) === error;
    this.#unreadNeeds.set(engine, error);
    if (!isLogged) this.#logger.warn({ engine, error }, 'cannot read the recorded need of operators');
  }

  /** Logs when the skew begins, ends, or changes by a notable amount. */
  reportSkew(clock: Pick<ServerClock, 'describe' | 'skewMs'>): void {
    const words = clock.describe();
    const skewMs = clock.skewMs() ?? 0;
    if (words === null) {
      if (this.#skew !== null) this.#logger.info({}, 'the clocks of Prometheus and Dhalion agree again');
      this.#skew = null;
      return;
    }
    const isLogged = this.#skew !== null && Math.abs(skewMs - this.#skew.loggedMs) <= WORRYING_SKEW_MS;
    this.#skew = { words, loggedMs: isLogged ? (this.#skew?.loggedMs ?? skewMs) : skewMs };
    if (!isLogged) this.#logger.warn({ seconds: skewMs / 1000 }, words);
  }

  /**
   * Logs what is listed but matches no series, once it has lasted, and when it changes.
   * @param nowMs monotonic time
   */
  reportUnmatched(sensed: SensedTopology, nowMs: number): void {
    const { topology, windowMs } = sensed.measurement;
    const unmatched = describeUnmatched(sensed);
    if (unmatched === null) {
      this.#unmatched.delete(topology);
      return;
    }
    const { sinceMs, logged } = this.#unmatched.get(topology) ?? { sinceMs: nowMs, logged: null };
    const isDue = unmatched !== logged && nowMs - sinceMs >= Math.min(windowMs, UNMATCHED_FOR_MS);
    this.#unmatched.set(topology, { sinceMs, logged: isDue ? unmatched : logged });
    if (isDue) this.#logger.warn({ topology, unmatched }, 'listed names match no series');
  }

  /** Logs a change in an operator's diagnoses. A change from none to unknown is not logged. */
  reportDiagnoses({ topology, operators }: TopologyEvaluation): void {
    const logged = this.#diagnoses.get(topology) ?? new Map<string, string>();
    for (const operator of operators) {
      const { measurement, recommendedParallelism, suspendedRatio } = operator;
      const { name } = measurement.spec;
      const was = logged.get(name) ?? 'none';
      const diagnoses = diagnosesOf(operator);
      if (diagnoses === was || (was === 'none' && diagnoses === 'unknown')) continue;
      logged.set(name, diagnoses);
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
    if (logged.size > 0) this.#diagnoses.set(topology, logged);
  }
}

/** No diagnosis counts as `none` only if all symptoms are known, also where the metric knows that none holds. */
function diagnosesOf({ diagnoses, symptoms }: OperatorEvaluation): string {
  if (diagnoses.length > 0) return diagnoses.map(({ diagnosis }) => diagnosis).join(' ');
  return hasUnknownSymptom(symptoms) ? 'unknown' : 'none';
}

function errorOf({ failures: [first] }: QueryFailures): string {
  return first === undefined ? '' : `${first.purpose}: ${describeError(first.error)}`;
}
