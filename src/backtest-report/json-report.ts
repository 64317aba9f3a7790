// The JSON of a backtest, written during the run: steps arrive by time and are grouped by topology, so each topology has a part
// of its own until the end. At most `MAX_PENDING` is kept in memory.
import { createReadStream } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import type { OperatorEvaluation } from '../model/evaluation.js';
import type { BacktestAction } from './backtest-actions.js';
import type { TopologySummary } from './backtest-summary.js';
import type { BacktestRange, BacktestStep } from './backtest-step.js';
import { createReportFolder, orOutputFailed, type ReportFolder } from './report-folder.js';

interface Part {
  readonly file: string;
  pending: string[];
  isEmpty: boolean;
}

const WHOLE = 'report.json';
/** Characters waiting to be written, over all parts. */
const MAX_PENDING = 1_000_000;

export class JsonReport {
  readonly #file: string;
  readonly #folder: ReportFolder;
  readonly #range: BacktestRange;
  readonly #parts = new Map<string, Part>();
  #pending = 0;

  private constructor(file: string, folder: ReportFolder, range: BacktestRange) {
    this.#file = file;
    this.#folder = folder;
    this.#range = range;
  }

  /** Rejects with `DhalionError` output_failed if nothing can be written; so do `add` and `finish`. */
  static async create(file: string, range: BacktestRange): Promise<JsonReport> {
    return new JsonReport(file, await createReportFolder(file), range);
  }

  async add({ atMs, evaluations }: BacktestStep): Promise<void> {
    for (const { topology, operators } of evaluations) {
      const text = JSON.stringify({ time: atMs / 1000, operators: operators.map(viewOf) });
      this.#partOf(topology).pending.push(text);
      this.#pending += text.length;
    }
    if (this.#pending > MAX_PENDING) await this.#flush();
  }

  /** @param topologies all of them, in their order in the report */
  async finish(topologies: readonly TopologySummary[]): Promise<void> {
    await this.#flush();
    const whole = this.#folder.path(WHOLE);
    await orOutputFailed(this.#file, () => writeFile(whole, this.#render(topologies)));
  }

  /** Moves the finished report to its place. */
  publish(): Promise<void> {
    return this.#folder.publish(WHOLE);
  }

  /** Removes everything except what was published. */
  close(): Promise<void> {
    return this.#folder.remove();
  }

  async #flush(): Promise<void> {
    this.#pending = 0;
    await orOutputFailed(this.#file, async () => {
      for (const part of this.#parts.values()) await flush(part);
    });
  }

  #partOf(topology: string): Part {
    const part = this.#parts.get(topology) ?? {
      file: this.#folder.path(`${this.#parts.size}.part`),
      pending: [],
      isEmpty: true,
    };
    this.#parts.set(topology, part);
    return part;
  }

  async *#render(topologies: readonly TopologySummary[]): AsyncGenerator<string | Buffer> {
    const { fromMs, toMs, stepMs } = this.#range;
    const head = { from: fromMs / 1000, to: toMs / 1000, step_seconds: stepMs / 1000 };
    yield `${JSON.stringify(head).slice(0, -1)},"topologies":[`;
    for (const [index, { topology, actions }] of topologies.entries()) {
      const entry = { topology, action_count: actions.count, actions: actions.listed.map(actionOf) };
      yield `${index === 0 ? '' : ','}\n${JSON.stringify(entry).slice(0, -1)},"steps":[`;
      const part = this.#parts.get(topology);
      if (part !== undefined) yield* createReadStream(part.file) as AsyncIterable<Buffer>;
      yield ']}';
    }
    yield ']}\n';
  }
}

async function flush(part: Part): Promise<void> {
  if (part.pending.length === 0) return;
  const text = `${part.isEmpty ? '\n' : ',\n'}${part.pending.join(',\n')}`;
  part.pending = [];
  part.isEmpty = false;
  await appendFile(part.file, text);
}

/** Times of steps: the last one is the last step that asked for it. */
function actionOf({ atMs, resolver, operators }: BacktestAction): unknown {
  return {
    time: atMs / 1000,
    resolver,
    operators: operators.map((asked) => ({
      operator: asked.operator,
      diagnosis: asked.diagnosis,
      current_parallelism: asked.currentParallelism,
      desired_parallelism: asked.desiredParallelism,
      until: asked.untilMs / 1000,
      operator_hours: asked.operatorHours,
      because: asked.because,
    })),
  };
}

/** One operator at one step, in the report's format. */
function viewOf(operator: OperatorEvaluation): unknown {
  return {
    operator: operator.measurement.spec.name,
    symptoms: operator.symptoms,
    diagnoses: operator.diagnoses.map(({ diagnosis }) => diagnosis),
    parallelism: operator.measurement.parallelism,
    recommended_parallelism: operator.recommendedParallelism,
    suspended_ratio: operator.suspendedRatio,
  };
}
