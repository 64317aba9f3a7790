// The rule against the numbers of its own unit tests: JobVertexScalerTest, ScalingMetricEvaluatorTest.
import t from 'tap';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import {
  AUTOSCALER_DEFAULTS,
  isOutsideUtilization,
  processingCapacity,
  targetParallelism,
  type AutoscalerOptions,
} from './flink-autoscaler-rule.js';
import { createFlinkAutoscalerPeer } from './flink-autoscaler-peer.js';
import { evaluateWindow, processesBacklog, type Sample, type VertexSample } from './flink-autoscaler-window.js';
import { runPeer } from './run-peer.js';

/** As JobVertexScalerTest sets up: no limits, no catching up. */
function optionsOf(target: number, limits: Partial<AutoscalerOptions> = {}): AutoscalerOptions {
  return {
    ...{ utilizationTarget: target, utilizationMax: target + 0.3, utilizationMin: target - 0.3 },
    ...{ catchUpSeconds: 0, restartSeconds: 300, scaleUpMaxFactor: 2 ** 31, scaleDownMaxFactor: 1, ...limits },
  };
}

function ratesOf(parallelism: number, targetRate: number, trueProcessingRate: number) {
  return { parallelism, targetRate, catchUpRate: 0, trueProcessingRate };
}

await t.test('numbers of testParallelismScaling', (t) => {
  const table: readonly [
    rates: [number, number, number],
    options: AutoscalerOptions,
    expected: number,
    outside: boolean,
  ][] = [
    [[10, 50, 100], optionsOf(1), 5, true],
    [[10, 60, 100], optionsOf(0.8), 8, false],
    [[10, 59, 100], optionsOf(0.8), 8, false],
    [[10, 80, 100], optionsOf(0.8), 10, false],
    [[2, 100, 40], optionsOf(0.5), 10, true],
    [[2, 100, 100], optionsOf(0.6), 4, true],
    [[10, 10, 100], optionsOf(1, { scaleDownMaxFactor: 0.5 }), 5, true],
    [[10, 10, 100], optionsOf(1, { scaleDownMaxFactor: 0.6 }), 4, true],
    [[10, 200, 10], optionsOf(1, { scaleUpMaxFactor: 0.5 }), 15, true],
    [[10, 200, 10], optionsOf(1, { scaleUpMaxFactor: 0.6 }), 16, true],
  ];
  for (const [[parallelism, target, able], options, expected, isOutside] of table) {
    const rates = ratesOf(parallelism, target, able);
    t.equal(targetParallelism(rates, options), expected, `${parallelism} that can do ${able}/s, for ${target}/s`);
    t.equal(isOutsideUtilization(rates, options, false), isOutside);
  }
  t.end();
});

await t.test('capacity is catching up, the share of the restart, and the target at its utilisation', (t) => {
  const rates = { parallelism: 1, targetRate: 600, catchUpRate: 100, trueProcessingRate: 1 };
  t.equal(processingCapacity(rates, 0.7, AUTOSCALER_DEFAULTS, true), Math.round(100 + 100 + 600 / 0.7));
  t.equal(processingCapacity(rates, 0.7, AUTOSCALER_DEFAULTS, false), Math.round(100 + 600 / 0.7));
  t.equal(processingCapacity(rates, 0, AUTOSCALER_DEFAULTS, true), Infinity);
  t.equal(targetParallelism(ratesOf(1, NaN, 1), AUTOSCALER_DEFAULTS), null);
  t.end();
});

await t.test('too many instances are no reason to act while a backlog is worked off', (t) => {
  const rates = ratesOf(10, 10, 100);
  t.ok(isOutsideUtilization(rates, AUTOSCALER_DEFAULTS, false));
  t.notOk(isOutsideUtilization(rates, AUTOSCALER_DEFAULTS, true));
  t.end();
});

await t.test('numbers of testLagBasedSourceScaling', (t) => {
  const spec = wordCountSpec({ wordsPerSentence: 2, split: { selectivity: 1 } as never });
  const { state } = { state: createFluidTopology(spec, 1).state() };
  const [source, sink] = state.operators.slice(0, 2).map(({ name }) => name);
  const operators = state.operators.slice(0, 2).map((one) => ({ ...one, selectivity: 2, parallelism: 1 }));
  const at = (seconds: number, lag: number, recordsIn: number, load: number): Sample => {
    const sample: VertexSample = { seconds, lag, recordsIn, load, recordsInPerSecond: 100, observedRate: null };
    return new Map([
      [source ?? '', sample],
      [sink ?? '', { ...sample, lag: 0, recordsIn: 2 * recordsIn, load: load / 2 }],
    ]);
  };
  const samples = [at(1, 950, 0, 0.8), at(2, 1000, 100, 0.6)];
  const evaluated = evaluateWindow({ ...state, operators }, samples, 2);
  const ofSource = evaluated.get(source ?? '');
  const ofSink = evaluated.get(sink ?? '');
  t.match(ofSource, { targetRate: 150, catchUpRate: 500 });
  t.match(ofSink, { targetRate: 300, catchUpRate: 1000 });
  t.equal(Math.round(ofSource?.trueProcessingRate ?? NaN), Math.round(100 / 0.7), 'the mean load is 0.7');
  t.ok(processesBacklog(state, samples, 9), '1000 records are 10 s of 100/s');
  t.notOk(processesBacklog(state, samples, 10));
  t.end();
});

await t.test('it waits for 5 minutes of stability and a window of 15', (t) => {
  const spec = wordCountSpec({ split: { parallelism: 1 }, count: { parallelism: 1 } });
  const { actions, lastActionMinutes } = runPeer(
    createFlinkAutoscalerPeer(),
    { spec, hours: 0.5, maxParallelism: 200 },
    1,
  );
  t.equal(actions, 1);
  t.equal(lastActionMinutes, 20);
  t.end();
});

await t.test('a scale-down waits for an hour and is none for what is within its utilisation', (t) => {
  const play = (parallelism: number, hours: number) =>
    runPeer(
      createFlinkAutoscalerPeer(),
      {
        spec: wordCountSpec({ split: { parallelism }, count: { parallelism: 2 * parallelism } }),
        ...{ hours, maxParallelism: 200 },
      },
      1,
    );
  t.equal(play(40, 1.25).actions, 0);
  t.match(play(40, 1.5), { actions: 1, lastActionMinutes: 80 });
  t.equal(play(18, 1.5).actions, 0);
  t.end();
});
