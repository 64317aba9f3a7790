// The real service with measurements that fail in every possible way: it reports them as unknown within one evaluation, takes no action
// because of them, keeps answering, and recovers without a restart.
import t, { type Test } from 'tap';
import { SYMPTOMS, type SymptomName } from '../../src/model/symptom.js';
import { eventually, reportUntil } from '../support/dhalion-client.js';
import { flinkExporter } from '../support/flink-exporter.js';
import { OVERPROVISIONED, topologyEntry, UNDERPROVISIONED } from '../support/flink-jobs.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { valuesOf } from '../support/exposition.js';
import { prometheusProxy } from '../support/prometheus-proxy.js';
import { scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(280_000);

interface Fault {
  readonly title: string;
  begin(): unknown;
  end(): unknown;
  /** By unknown operator of the topology `large`, its missing sensors. */
  readonly missing: Readonly<Record<string, readonly string[]>>;
  /** Unknown symptoms, by operator. */
  readonly unknown: Readonly<Record<string, readonly SymptomName[]>>;
  /** Why queries fail; null: they succeed. */
  readonly reason: string | null;
  /** Whether all queries fail. */
  readonly isPrometheusDown?: boolean;
}

const SENSORS_OF = {
  source: ['backpressure', 'processing_rate', 'busy', 'source_backlog', 'parallelism'],
  split: ['backpressure', 'pending_packets', 'processing_rate', 'busy', 'parallelism'],
};
const OF_QUEUES: readonly SymptomName[] = [
  'pending_packets_near_zero',
  'pending_packets_skew',
  'growing_pending_packets',
];
/** A sensor that is not applicable to an operator is not unknown. */
const ALL_SYMPTOMS = {
  source: SYMPTOMS.filter((symptom) => !OF_QUEUES.includes(symptom)),
  split: SYMPTOMS.filter((symptom) => symptom !== 'growing_source_backlog'),
};
const TOO_LARGE = { topology: 'large', operator: 'split', diagnosis: 'overprovisioning' };
/** For an answer without a query, on a busy machine. */
const PROMPT_MS = 2000;

void t.test('without measurements nothing is known and nothing is done', async (t) => {
  const exporter = await flinkExporter(t, { large: OVERPROVISIONED, small: UNDERPROVISIONED });
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const proxy = await prometheusProxy(t, world.prometheus.url);
  const config = dhalionConfig({
    prometheusUrl: proxy.url,
    folder: world.folder,
    webhookUrl: scaler.url,
    topologies: [topologyEntry('large'), topologyEntry('small')],
    prometheusTimeout: '1s',
  });
  const dhalion = await dhalionFor(t, { configFile: await world.writeConfig(config) });

  const isLarge = async (): Promise<boolean> => (await dhalion.metric('dhalion_diagnosis', TOO_LARGE)) === 1;
  const isPrometheusUp = async (): Promise<boolean> => (await dhalion.metric('dhalion_prometheus_up')) === 1;
  const failures = (reason: string): Promise<number | null> =>
    dhalion.metric('dhalion_evaluation_failures_total', { engine: 'flink', reason });
  /** Resolves when an evaluation that has begun after this call is over. */
  const evaluated = async (): Promise<void> => {
    const counted = async (): Promise<number> => (await dhalion.metric('dhalion_evaluations_total')) ?? 0;
    const before = await counted();
    await eventually('an evaluation', async () => (await counted()) >= before + 2);
  };
  const answersPromptly = async (t: Test): Promise<void> => {
    for (const path of ['/metrics', '/-/healthy', '/api/v1/topologies', '/api/v1/decisions']) {
      t.equal((await dhalion.get(path, PROMPT_MS)).status, 200, `${path} is answered within ${PROMPT_MS} ms`);
    }
  };

  const FAULTS: readonly Fault[] = [
    {
      title: 'busy times that are NaN',
      begin: () => {
        exporter.change('large', 'split', { busy: NaN });
      },
      end: () => {
        exporter.change('large', 'split', { busy: 200 });
      },
      missing: { split: ['busy'] },
      unknown: {},
      reason: null,
    },
    {
      title: 'a sensor that one subtask lacks',
      begin: () => {
        exporter.change('large', 'split', { queue: [0, 0, 0] });
      },
      end: () => {
        exporter.change('large', 'split', { queue: 0 });
      },
      missing: { split: ['pending_packets'] },
      unknown: { split: OF_QUEUES },
      reason: null,
    },
    {
      title: 'a subtask that is missing completely',
      begin: () => {
        exporter.change('large', 'split', { hidden: [1] });
      },
      end: () => {
        exporter.change('large', 'split', { hidden: [] });
      },
      // Independent of the other subtasks: a statistic over some of them would be another value.
      missing: { split: SENSORS_OF.split },
      unknown: { split: ALL_SYMPTOMS.split },
      reason: null,
    },
    {
      title: 'an exporter that dies',
      begin: () => exporter.goDown(),
      end: () => exporter.comeBack(),
      missing: SENSORS_OF,
      unknown: ALL_SYMPTOMS,
      reason: null,
    },
    {
      title: 'an answer that is partial',
      begin: () => {
        proxy.makePartial(/busyTimeMsPerSecond/);
      },
      end: () => {
        proxy.makePartial(null);
      },
      missing: { source: ['busy'], split: ['busy'] },
      unknown: {},
      reason: 'prometheus_partial',
    },
    {
      title: 'a Prometheus with only partial answers',
      begin: () => {
        proxy.makePartial(/./);
      },
      end: () => {
        proxy.makePartial(null);
      },
      missing: SENSORS_OF,
      unknown: ALL_SYMPTOMS,
      reason: 'prometheus_partial',
      isPrometheusDown: true,
    },
    {
      title: 'a Prometheus that hangs',
      begin: () => {
        world.prometheus.suspend();
      },
      end: () => {
        world.prometheus.resume();
      },
      missing: SENSORS_OF,
      unknown: ALL_SYMPTOMS,
      reason: 'prometheus_timeout',
      isPrometheusDown: true,
    },
    {
      title: 'a Prometheus that is killed',
      begin: () => {
        world.prometheus.kill();
      },
      end: () => world.restartPrometheus(),
      missing: SENSORS_OF,
      unknown: ALL_SYMPTOMS,
      reason: 'prometheus_unreachable',
      isPrometheusDown: true,
    },
  ];

  for (const fault of FAULTS) {
    await t.test(fault.title, async (t) => {
      await eventually('overprovisioning is diagnosed', isLarge);
      t.ok(await eventually('Prometheus is up', isPrometheusUp));
      const failuresBefore = fault.reason === null ? 0 : await failures(fault.reason);
      await fault.begin();
      if (!fault.isPrometheusDown) await eventually('it has been scraped', async () => !(await isLarge()));
      await evaluated();

      // One exposition for all: each evaluation may fail where the machine stalls, as every part of it runs here.
      const isUp = fault.isPrometheusDown === true ? 0 : 1;
      const exposed = await eventually(`dhalion_prometheus_up is ${isUp}`, async () => {
        const series = await dhalion.series();
        return valuesOf(series, 'dhalion_prometheus_up')[0] === isUp && series;
      });
      const seen = exposed.filter(({ labels }) => labels['topology'] === 'large');
      const namesOf = (operator: string, name: string, label: string): string[] =>
        seen
          .filter((one) => one.name === name && one.labels['operator'] === operator)
          .map(({ labels }) => labels[label] ?? '');
      for (const [operator, sensors] of Object.entries(fault.missing)) {
        t.same(
          namesOf(operator, 'dhalion_sensor_missing', 'sensor').sort(),
          [...sensors].sort(),
          `missing of ${operator}`,
        );
      }
      for (const operator of ['source', 'split']) {
        const known = namesOf(operator, 'dhalion_symptom', 'symptom');
        const unknown = SYMPTOMS.filter((symptom) => !known.includes(symptom));
        t.same(unknown, fault.unknown[operator] ?? [], `unknown of ${operator}`);
      }
      t.same(
        seen.filter(({ name, value }) => name === 'dhalion_diagnosis' && value === 1),
        [],
        'nothing is diagnosed',
      );
      if (fault.reason !== null)
        t.ok(((await failures(fault.reason)) ?? 0) > (failuresBefore ?? 0), 'failures are counted');

      const decided = (await dhalion.decisions('large')).length;
      t.equal(await dhalion.notify(TOO_LARGE), 202);
      await answersPromptly(t);
      const [decision] = await eventually('a decision', async () => {
        const decisions = await dhalion.decisions('large');
        return decisions.length > decided && decisions;
      });
      t.match(decision, { decision: 'hold', reason: 'unknown_measurements' });
      await fault.end();
    });
  }

  await t.test('when everything is back, the next alert leads to an action', async (t) => {
    t.equal(scaler.calls().length, 0, 'nothing was called all the while');
    await eventually('overprovisioning is diagnosed', isLarge);
    t.ok(await eventually('Prometheus is up', isPrometheusUp));
    const [call] = await reportUntil('a call', dhalion, [TOO_LARGE], () => scaler.calls().length > 0 && scaler.calls());
    t.match(call?.body, { topology: 'large', resolver: 'scale_down', current_parallelism: 4, desired_parallelism: 2 });
  });
});
