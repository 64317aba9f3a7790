// A real Prometheus, with the queries of the built-in engines, reads the simulator as Flink or Heron. In real time.
import t, { type Test } from 'tap';
import { systemClock } from '../../src/clock.js';
import { engineOf } from '../support/sensing.js';
import { startSimulator, type SimulatorOptions } from '../../src/simulator/simulator-server.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';
import { prometheusFor } from '../support/real-parts.js';

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

type Query = (promql: string) => Promise<Sample[]>;

/** Scraped every second until `promql` finds something, 30 s at most; all is asked of the instant at which it did. */
async function scraped(
  t: Test,
  options: Pick<SimulatorOptions, 'spec' | 'flavour' | 'timeScale'>,
  promql: string,
): Promise<Query> {
  const simulator = await startSimulator({ seed: 1, clock: systemClock, ...options });
  t.teardown(() => simulator.stop());
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      { job_name: 'engine', honor_timestamps: false, static_configs: [{ targets: [new URL(simulator.url).host] }] },
    ],
  };
  const prometheus = await prometheusFor(t, { config: JSON.stringify(config) });
  // A second later every scrape before it has ended, within its time or not: no later question sees another one.
  let atS = NaN;
  const query: Query = async (expression) => {
    const response = await fetch(`${prometheus.url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expression, time: String(atS) }),
    });
    type Result = { metric: Record<string, string>; value: [number, string] }[];
    const answer = (await response.json()) as { data?: { result: Result }; error?: string };
    if (answer.data === undefined) throw new Error(answer.error);
    return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };
  for (let tries = 0; tries < 60; tries += 1) {
    atS = systemClock.now() / 1000 - 1;
    if ((await query(promql)).length > 0) break;
    await systemClock.sleep(500);
  }
  return query;
}

await t.test("Flink's sensors find every subtask of the simulated job", async (t) => {
  const { sensors } = engineOf('flink');
  const first = (sensor: keyof typeof sensors): string => sensors[sensor]?.[0] ?? '';
  const of = (expression: string, task: string): string =>
    `(${expression.replaceAll('$matchers', 'job_name="wordcount"')}) and on (task_name) {__name__=~"flink_.+_numRecordsIn", task_name="${task}"}`;
  const spec = wordCountSpec({ split: { parallelism: 4 }, count: { parallelism: 8 } });
  const query = await scraped(
    t,
    { spec, flavour: 'flink', timeScale: 20 },
    `${first('backpressure').replaceAll('$matchers', 'task_name=~"Source.*"')} > 0.79 < 0.81`,
  );
  /** Of the first expression that is above 0 anywhere, else of the first. */
  const valuesOf = async (sensor: keyof typeof sensors, task: string): Promise<number[]> => {
    const alternatives = await Promise.all(
      (sensors[sensor] ?? []).map(async (expression) => (await query(of(expression, task))).map(({ value }) => value)),
    );
    return alternatives.find((values) => values.some((value) => value > 0)) ?? alternatives[0] ?? [];
  };

  // Split can handle 400/s, count 800 sentences/s; the source reads 2000/s while there is a backlog.
  const [heldUp = NaN] = await valuesOf('backpressure', WORD_COUNT_SOURCE);
  t.ok(Math.abs(heldUp - 0.8) < 0.02, `${heldUp}`);
  t.same(await valuesOf('backpressure', 'split'), [0, 0, 0, 0]);
  const [read = NaN] = await valuesOf('processing_rate', WORD_COUNT_SOURCE);
  t.ok(Math.abs(read - 400) < 20, `${read}`);
  t.equal((await valuesOf('processing_rate', 'count')).length, 8);
  t.same(await valuesOf('busy', 'split'), [1, 1, 1, 1]);
  t.ok(Math.min(...(await valuesOf('pending_packets', 'split'))) > 100);
  const [backlog = NaN] = await valuesOf('source_backlog', WORD_COUNT_SOURCE);
  t.ok(backlog > 500, `${backlog}`);
});

await t.test("Heron's sensors find every instance of the simulated topology", async (t) => {
  const { sensors } = engineOf('heron');
  const first = (sensor: keyof typeof sensors): string => sensors[sensor]?.[0] ?? '';
  const fill = (expression: string): string => expression.replaceAll('$matchers', 'topology="wordcount"');
  const spec = wordCountSpec({ sourceKind: 'push', split: { parallelism: 4 }, count: { parallelism: 8 } });
  // An export every 3 s of real time.
  const query = await scraped(
    t,
    { spec, flavour: 'heron', timeScale: 20 },
    `avg(${fill(first('topology_suspended'))}) > 0.4`,
  );
  const valuesOf = async (sensor: keyof typeof sensors, component: string): Promise<number[]> =>
    (await query(fill(first(sensor))))
      .filter(({ metric }) => metric['component'] === component)
      .map(({ value }) => value);

  const culprits = await valuesOf('backpressure', 'split');
  t.equal(culprits.length, 4);
  t.ok(Math.min(...culprits) > 0.3);
  t.same(await valuesOf('backpressure', 'count'), [0, 0, 0, 0, 0, 0, 0, 0]);
  const rates = await valuesOf('processing_rate', 'split');
  t.equal(rates.length, 4);
  for (const rate of rates) t.ok(Math.abs(rate - 100) < 10, `${rate}`);
  t.equal((await valuesOf('processing_rate', WORD_COUNT_SOURCE)).length, 1);
  t.ok(Math.min(...(await valuesOf('pending_packets', 'split'))) > 100);
});
