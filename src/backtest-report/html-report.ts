// The HTML of a backtest: plot data is collected in buckets during the run, and the page is written at the end, topology by
// topology. With very many operators all plots become coarser, so that the page does not grow.
import { writeFile } from 'node:fs/promises';
import type { BacktestSummary } from './backtest-summary.js';
import { countSteps, type BacktestRange, type BacktestStep } from './backtest-step.js';
import { HistoryBuckets, type OperatorBuckets } from './history-buckets.js';
import { renderPage } from './render-page.js';
import { createReportFolder, orOutputFailed, type ReportFolder } from './report-folder.js';

/** More points than a screen has columns are not visible. */
const MAX_POINTS_A_PLOT = 2000;
/** Points of all operators, each with half a dozen plots and bands: some 20 MB of page, and 15 MB of memory. */
const MAX_POINTS = 200_000;

const PAGE = 'report.html';

export class HtmlReport {
  readonly #file: string;
  readonly #folder: ReportFolder;
  readonly #range: BacktestRange;
  readonly #topologies = new Map<string, Map<string, HistoryBuckets>>();
  #operators = 0;
  #stepsEach: number;

  private constructor(file: string, folder: ReportFolder, range: BacktestRange) {
    this.#file = file;
    this.#folder = folder;
    this.#range = range;
    const steps = countSteps(range);
    this.#stepsEach = steps <= MAX_POINTS_A_PLOT ? 1 : Math.ceil(steps / (MAX_POINTS_A_PLOT / 2));
  }

  /** Rejects with `DhalionError` output_failed if nothing can be written; so does `finish`. */
  static async create(file: string, range: BacktestRange): Promise<HtmlReport> {
    return new HtmlReport(file, await createReportFolder(file), range);
  }

  add({ atMs, evaluations }: BacktestStep): void {
    const step = Math.round((atMs - this.#range.fromMs) / this.#range.stepMs);
    for (const { topology, operators } of evaluations) {
      for (const operator of operators) this.#bucketsOf(topology, operator.measurement.spec.name).add(step, operator);
    }
  }

  async finish(summary: BacktestSummary): Promise<void> {
    const buckets = (topology: string): OperatorBuckets => this.#topologies.get(topology) ?? new Map();
    await orOutputFailed(this.#file, () => writeFile(this.#folder.path(PAGE), renderPage(summary, buckets)));
  }

  /** Moves the finished page to its place. */
  publish(): Promise<void> {
    return this.#folder.publish(PAGE);
  }

  /** Removes everything except what was published. */
  close(): Promise<void> {
    return this.#folder.remove();
  }

  #bucketsOf(topology: string, operator: string): HistoryBuckets {
    const operators = this.#topologies.get(topology) ?? new Map<string, HistoryBuckets>();
    this.#topologies.set(topology, operators);
    const found = operators.get(operator);
    if (found !== undefined) return found;
    const buckets = new HistoryBuckets(operator, this.#bucketCount(), this.#stepsEach);
    operators.set(operator, buckets);
    this.#operators += 1;
    this.#keepWithinBounds();
    return buckets;
  }

  #keepWithinBounds(): void {
    const pointsEach = (): number => this.#bucketCount() * (this.#stepsEach === 1 ? 1 : 2);
    while (this.#operators * pointsEach() > MAX_POINTS && this.#bucketCount() > 1) {
      this.#stepsEach *= 2;
      for (const operators of this.#topologies.values()) for (const buckets of operators.values()) buckets.coarsen();
    }
  }

  #bucketCount(): number {
    return Math.ceil(countSteps(this.#range) / this.#stepsEach);
  }
}
