// How the real service judges actions by the series in Prometheus.
import t from 'tap';
import { eventually, reportUntil, type ApiAction, type Notice } from '../support/dhalion-client.js';
import { flinkExporter, type FlinkJob } from '../support/flink-exporter.js';
import {
  HEALTHY,
  OVERPROVISIONED,
  SLOW_INSTANCE,
  SOURCE,
  topologyEntry,
  UNDERPROVISIONED,
} from '../support/flink-jobs.js';
import { dhalionConfig, dhalionFor, startLoopWorld } from '../support/loop-world.js';
import { accept, scalingEndpoint } from '../support/scaling-endpoint.js';

t.setTimeout(240_000);

interface Story {
  readonly before: FlinkJob;
  readonly diagnosis: string;
  /** The series after the 2xx answer to the call; null: none. */
  readonly after: FlinkJob | null;
  readonly expected: Partial<ApiAction>;
}

const scaledTo = (parallelism: number, backPressured: number, recordsIn: number): FlinkJob => ({
  [SOURCE]: { parallelism: 1, backPressured },
  split: { parallelism, busy: 1000, queue: 50, recordsIn },
});

const STORIES: Readonly<Record<string, Story>> = {
  'a scale-up that ends the backpressure is resolved': {
    before: UNDERPROVISIONED,
    diagnosis: 'underprovisioning',
    after: HEALTHY,
    expected: { resolver: 'scale_up', desired_parallelism: 4, outcome: 'resolved' },
  },
  'a scale-up that reduces it is improved': {
    before: UNDERPROVISIONED,
    diagnosis: 'underprovisioning',
    after: scaledTo(4, 200, 50),
    expected: { outcome: 'improved' },
  },
  'a scale-up that changes nothing is ineffective': {
    before: UNDERPROVISIONED,
    diagnosis: 'underprovisioning',
    after: scaledTo(4, 400, 50),
    expected: { outcome: 'ineffective' },
  },
  'a scale-down without harm is resolved': {
    before: OVERPROVISIONED,
    diagnosis: 'overprovisioning',
    after: { ...OVERPROVISIONED, split: { parallelism: 2, busy: 400 } },
    expected: { resolver: 'scale_down', desired_parallelism: 2, outcome: 'resolved' },
  },
  'a restart that ends the symptom is resolved': {
    before: SLOW_INSTANCE,
    diagnosis: 'slow_instances',
    after: HEALTHY,
    expected: { resolver: 'restart_instances', current_parallelism: 4, desired_parallelism: 4, outcome: 'resolved' },
  },
  'an action without a change of the parallelism is not_applied': {
    before: UNDERPROVISIONED,
    diagnosis: 'underprovisioning',
    after: UNDERPROVISIONED,
    expected: { outcome: 'not_applied' },
  },
  'an action that is granted in part is judged by the present parallelism': {
    before: UNDERPROVISIONED,
    diagnosis: 'underprovisioning',
    after: scaledTo(3, 0, 100),
    expected: { desired_parallelism: 4, outcome: 'resolved' },
  },
  'an action is superseded if others set another parallelism': {
    before: UNDERPROVISIONED,
    diagnosis: 'underprovisioning',
    after: scaledTo(5, 0, 100),
    expected: { outcome: 'superseded' },
  },
  'an action without series is unknown': {
    before: UNDERPROVISIONED,
    diagnosis: 'underprovisioning',
    after: null,
    expected: { outcome: 'unknown' },
  },
};

void t.test('an action is judged by the series after it', async (t) => {
  const stories = Object.entries(STORIES).map(([title, story], index) => ({ title, story, topology: `job_${index}` }));
  const exporter = await flinkExporter(
    t,
    Object.fromEntries(stories.map(({ topology, story }) => [topology, story.before])),
  );
  const scaler = await scalingEndpoint(t);
  const world = await startLoopWorld(t, { scrape: [exporter.url] });
  const webhook = { scale_up: 'scaler', scale_down: 'scaler', restart_instances: 'scaler' };
  const config = dhalionConfig({
    prometheusUrl: world.prometheus.url,
    folder: world.folder,
    webhookUrl: scaler.url,
    topologies: stories.map(({ topology }) => topologyEntry(topology, { webhook })),
  });
  const dhalion = await dhalionFor(t, { configFile: await world.writeConfig(config) });
  for (const { topology, story } of stories) {
    scaler.handle(topology, (response) => {
      exporter.setJob(topology, story.after);
      accept(response);
    });
  }
  const notices = stories.map(({ topology, story }): Notice => ({
    topology,
    operator: 'split',
    diagnosis: story.diagnosis,
  }));
  const isDiagnosed = async (notice: Notice): Promise<boolean> =>
    (await dhalion.metric('dhalion_diagnosis', { ...notice })) === 1;
  await eventually('all diagnoses', async () => (await Promise.all(notices.map(isDiagnosed))).every(Boolean));
  const isCalled = (topology: string): boolean => scaler.calls(topology).length > 0;
  await Promise.all(notices.map((notice) => reportUntil('a call', dhalion, [notice], () => isCalled(notice.topology))));
  const asked = scaler.calls().filter(({ body }) => body.reverts === null);
  t.equal(asked.length, stories.length, 'one call each, reverts aside');

  for (const { title, story, topology } of stories) {
    await t.test(title, async (t) => {
      const action = await eventually('a judgement', async () => {
        const [newest] = await dhalion.actions(topology);
        return newest?.state === 'judged' && newest;
      });
      t.match(action, story.expected);
      t.ok(Date.parse(action.judged_at ?? '') >= Date.parse(action.completed_at ?? ''));
      const labels = { topology, operator: 'split', resolver: action.resolver, outcome: action.outcome ?? '' };
      t.equal(await dhalion.metric('dhalion_actions_total', labels), 1);
      t.equal(await dhalion.metric('dhalion_action_in_flight', { topology }), 0);
    });
  }
});
