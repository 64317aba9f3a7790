// CPU time on a machine that others use too: the same work takes longer there, by how much is measured by a fixed piece of work
// of the same kind, done beside what is to be measured.
import { median } from './median.js';

const SERIES = 1500;
const REPETITIONS = 8;
const WARM_UP = 50;

const TEXT = JSON.stringify(
  Array.from({ length: SERIES }, (_, index) => ({
    metric: { job_name: `job_${index}`, task_name: `operator_${index % 10}`, subtask_index: String(index % 2) },
    value: [1_700_000_100, String(index / 7)],
  })),
);

/** Some ms of parsing series and putting them into a table. Returns its size, so that nothing is left out. */
function work(): number {
  const jobs = new Map<string, number[]>();
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    const series = JSON.parse(TEXT) as readonly { metric: { job_name: string }; value: readonly [number, string] }[];
    for (const { metric, value } of series) {
      const values = jobs.get(metric.job_name) ?? [];
      values.push(Number(value[1]));
      jobs.set(metric.job_name, values);
    }
  }
  return jobs.size;
}

/** User and system time of this process for what it does until it resolves, ms. */
export async function ownCpuMs(run: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export class Yardstick {
  /** CPU time of something, and of the piece of work right after it, ms. */
  readonly #pairs: { readonly cpuMs: number; readonly workMs: number }[] = [];

  /** CPU time of `run`, ms. */
  async measure(run: () => Promise<void>): Promise<number> {
    if (this.#pairs.length === 0) for (let round = 0; round < WARM_UP; round += 1) work();
    const cpuMs = await ownCpuMs(run);
    const workMs = await ownCpuMs(() => {
      work();
    });
    this.#pairs.push({ cpuMs, workMs });
    return cpuMs;
  }

  /** The median of what was measured, as it would be were the machine always as fast as it was for the fastest piece of work, ms. */
  calmMs(): number {
    const leastMs = Math.min(...this.#pairs.map(({ workMs }) => workMs));
    return median(this.#pairs.map(({ cpuMs, workMs }) => (cpuMs * leastMs) / workMs));
  }
}
