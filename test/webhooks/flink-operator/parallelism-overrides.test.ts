import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { flatConfigOf, parseFlinkResource } from '../../../src/webhooks/flink-operator/flink-resource.js';
import type { FlinkOperatorOrder } from '../../../src/webhooks/flink-operator/flink-operator-order.js';
import {
  overrideKey,
  OVERRIDES_KEY,
  planOverrides,
} from '../../../src/webhooks/flink-operator/parallelism-overrides.js';
import { VERTEX_IDS } from '../../support/flink-rest-server.js';
import { mergePatch, type Json } from '../../support/kubernetes-api-server.js';

const PLACE = { resource: 'flinkdeployments', namespace: 'prod', name: 'wordcount' } as const;
const { split, count, out } = VERTEX_IDS;
const LISTED = 'jobvertex-parallelism-overrides';

const VALUE = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.integer({ min: 1, max: 20 }).map(String),
  fc.constantFrom('no', true, null),
);
const LEAVES = [split, count, out, overrideKey(split), overrideKey(out), `${LISTED}.${count}`, `pipeline.${LISTED}.x`];

/** YAML of any depth, with keys from a few names. */
const anyConfig = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...LEAVES), VALUE, { maxKeys: 3, noNullPrototype: true }),
      fc.dictionary(
        fc.constantFrom('pipeline', LISTED, OVERRIDES_KEY, 'x'),
        fc.oneof({ depthSize: 'small', maxDepth: 3 }, VALUE, tie('tree')),
        { maxKeys: 3, noNullPrototype: true },
      ),
    )
    .map(([leaves, branches]) => ({ ...branches, ...leaves })),
})).tree;

const anyOrder: fc.Arbitrary<FlinkOperatorOrder> = fc
  .tuple(
    ...([split, count] as const).map((id) =>
      fc.record({
        vertexId: fc.constant(id),
        from: fc.integer({ min: 1, max: 9 }),
        to: fc.integer({ min: 1, max: 9 }),
      }),
    ),
  )
  .map(([first, second]) => ({
    jobId: null,
    isRestored: false,
    vertices: [
      { operator: 'split', ...(first ?? { vertexId: split, from: 1, to: 2 }) },
      { operator: 'count', ...(second ?? { vertexId: count, from: 1, to: 2 }) },
    ],
  }));

function valuesOf(config: Json): Record<string, string> {
  return Object.fromEntries([...flatConfigOf(config)].map(([key, { value }]) => [key, value]));
}

void t.test('for all configurations, only the keys of the vertices are changed', (t) => {
  const seen = { refused: 0, patched: 0, nested: 0 };
  const property = fc.property(anyConfig, anyOrder, (config, order) => {
    const resource = {
      kind: 'FlinkDeployment',
      metadata: { resourceVersion: '7' },
      spec: { job: { state: 'running' }, flinkConfiguration: config },
    };
    const found = parseFlinkResource(JSON.stringify(resource), PLACE);
    if (found === null) return false;
    const before = valuesOf(config);
    const plan = planOverrides({ place: PLACE, found, cluster: null }, order);
    if ('failure' in plan) {
      seen.refused += 1;
      return Object.hasOwn(before, OVERRIDES_KEY);
    }
    const patched = mergePatch(resource, (plan.patch ?? {}) as Json) as typeof resource;
    const after = valuesOf(patched.spec.flinkConfiguration);
    const expected = { ...before };
    for (const { vertexId, from, to } of order.vertices) {
      const key = overrideKey(vertexId);
      const old = /^[1-9]\d*$/.test(before[key] ?? '') ? Number(before[key]) : to;
      expected[key] = String(to > from ? Math.max(old, to) : Math.min(old, to));
    }
    const isChanged = Object.entries(expected).some(([key, value]) => before[key] !== value);
    if (plan.patch !== null) seen.patched += 1;
    if (
      Object.keys(before).some((key) => key === overrideKey(split) && !Object.hasOwn(Object(config) as object, key))
    ) {
      seen.nested += 1;
    }
    deepStrictEqual(after, expected);
    return isChanged === (plan.patch !== null);
  });
  fc.assert(property, { numRuns: 2000 });
  t.ok(Math.min(...Object.values(seen)) > 10, JSON.stringify(seen));
  t.end();
});
