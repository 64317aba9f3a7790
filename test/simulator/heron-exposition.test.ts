import t from 'tap';
import { createFluidTopology, type FluidTopology } from '../../src/simulator/fluid-topology.js';
import { createHeronExposition, type HeronExpositionOptions } from '../../src/simulator/heron-exposition.js';
import { HERON_PHYSICS, type TopologySpec } from '../../src/simulator/topology-spec.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { checkMetrics } from '../support/check-metrics.js';
import { parseExposition, samplesOf } from '../support/exposition.js';

const NOW_MS = 1_700_000_000_000;

function expose(spec: TopologySpec, options: Partial<HeronExpositionOptions> = {}) {
  const topology: FluidTopology = createFluidTopology({ physics: HERON_PHYSICS, ...spec }, 1);
  const exposition = createHeronExposition(options);
  exposition.observe(topology.state());
  return {
    topology,
    exposition,
    pass: (seconds: number): void => {
      for (let passed = 0; passed < seconds; passed += 1) {
        topology.step(1);
        exposition.observe(topology.state());
      }
    },
    text: (): string => exposition.render(NOW_MS),
  };
}

await t.test('lines look as the sink writes them', (t) => {
  const exposed = expose(wordCountSpec({ offered: 800 }));
  exposed.pass(60);
  const lines = exposed.text().split('\n');
  t.ok(
    lines.includes(
      `heron_time_spent_back_pressure_by_compid{component="__stmgr__",instance_id="stmgr-2",metric_instance_id="container_2_split_2",topology="wordcount"} 0.0 ${NOW_MS}`,
    ),
  );
  t.ok(
    lines.includes(
      `heron_server_time_spent_back_pressure_aggr{component="__stmgr__",instance_id="stmgr-1",topology="wordcount"} 0.0 ${NOW_MS}`,
    ),
  );
  const bolt = lines.find((line) => line.startsWith('heron_execute_count_default{component="split"'));
  t.match(
    bolt,
    /^heron_execute_count_default\{component="split",component_type="bolt",instance_id="container_2_split_2",topology="wordcount"\} \d+\.0 1700000000000$/,
  );
  t.notOk(exposed.text().includes('#'), 'neither HELP nor TYPE');
  t.end();
});

await t.test("Prometheus' parser reads it", async (t) => {
  const exposed = expose(wordCountSpec(), { clusterRoleEnv: 'local/me/default' });
  exposed.pass(60);
  const { isReadable, output } = await checkMetrics(exposed.text());
  t.ok(isReadable, output);
  t.ok(exposed.text().includes('{cluster_role_env="local/me/default",component='));
});

await t.test('values are those of one export interval, and stay until the next one', (t) => {
  const exposed = expose(wordCountSpec({ offered: 800 }));
  const executed = (): number[] =>
    samplesOf(exposed.text(), 'heron_execute_count_default', { component: 'split' }).map(({ value }) => value);
  exposed.pass(59);
  t.equal(exposed.text(), '', 'nothing before the first export');
  exposed.pass(61);
  t.same(new Set(executed()), new Set([80 * 60]), 'counts of 60 s, not of 120');
  exposed.topology.setOfferedRate(400);
  exposed.pass(59);
  t.same(new Set(executed()), new Set([80 * 60]));
  exposed.pass(1);
  t.same(new Set(executed()), new Set([40 * 60 + 20]), 'and the half second of records that was under way');
  const [spout] = samplesOf(exposed.text(), 'heron_emit_count_default', { component_type: 'spout' });
  t.equal(spout?.value, 400 * 60);
  const [busy] = samplesOf(exposed.text(), 'heron_execute_time_ns_default', { component: 'split' });
  t.equal(busy?.value, 2420 * 10e6, '10 ms a record');
  t.end();
});

await t.test('the time is booked on the slow instance alone, and the spouts were suspended as long', (t) => {
  const exposed = expose(wordCountSpec({ offered: 800, sourceKind: 'push', split: { slow: { index: 3, factor: 4 } } }));
  exposed.pass(600);
  const culprits = samplesOf(exposed.text(), 'heron_time_spent_back_pressure_by_compid').filter(
    ({ value }) => value > 0,
  );
  t.same(
    culprits.map(({ labels }) => labels['metric_instance_id']),
    ['container_1_split_5'],
  );
  const suspended = samplesOf(exposed.text(), 'heron_server_time_spent_back_pressure_aggr');
  t.equal(suspended.length, 2, 'one stream manager a container');
  for (const { value } of suspended) t.equal(value, culprits[0]?.value);
  t.ok((culprits[0]?.value ?? 0) > 30_000 && (culprits[0]?.value ?? NaN) <= 60_000);
  const packets = samplesOf(exposed.text(), 'heron_connection_buffer_by_instanceid_packets');
  const [longest] = packets.toSorted((a, b) => b.value - a.value);
  t.equal(longest?.labels['metric_instance_id'], 'container_1_split_5');
  t.end();
});

await t.test('an instance keeps its name through a rescale, and its series outlive it', (t) => {
  const exposed = expose(wordCountSpec({ restartGapSeconds: 30 }), { seriesTtlSeconds: 120 });
  const splits = (): string[] =>
    samplesOf(exposed.text(), 'heron_execute_count_default', { component: 'split' }).map(
      ({ labels }) => labels['instance_id'] ?? '',
    );
  exposed.pass(60);
  const before = splits();
  exposed.topology.rescale('split', 9);
  exposed.pass(100);
  t.same(splits(), before, 'the tenth is still shown');
  exposed.pass(60);
  t.same(splits(), before.slice(0, 9));
  exposed.topology.rescale('split', 10);
  exposed.pass(100);
  t.same(splits(), [...before.slice(0, 9), 'container_2_split_32'], 'a new one has a new task id');
  t.equal(exposed.exposition.instanceIndex('split', 'container_2_split_32'), 9);
  t.equal(exposed.exposition.instanceIndex('split', 'container_1_split_1'), null);
  t.end();
});

await t.test('every sample is stamped with the time of the scrape', (t) => {
  const exposed = expose(wordCountSpec());
  exposed.pass(100);
  const stamps = new Set(parseExposition(exposed.text()).map(({ timestampMs }) => timestampMs));
  t.same([...stamps], [NOW_MS]);
  t.end();
});

await t.test('a Kafka spout shows its lag, a push spout none', (t) => {
  const kafka = expose(wordCountSpec({ split: { parallelism: 4 } }));
  kafka.pass(120);
  const [lag] = samplesOf(kafka.text(), 'heron_kafkaoffset_totalspoutlag', { topic: 'sentences' });
  t.ok((lag?.value ?? 0) > 10_000);
  const push = expose(wordCountSpec({ sourceKind: 'push' }));
  push.pass(60);
  t.same(samplesOf(push.text(), 'heron_kafkaoffset_totalspoutlag'), []);
  t.end();
});
