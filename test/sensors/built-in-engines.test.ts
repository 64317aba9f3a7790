import { readFile } from 'node:fs/promises';
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import t from 'tap';
import { parse } from 'yaml';
import type { EngineEntry } from '../../src/config/engine-schema.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { planQueries } from '../../src/sensors/sensing-queries.js';
import { engineOf, listed } from '../support/sensing.js';

void t.test('every expression of a built-in engine selects by its matchers, in each of its selectors', (t) => {
  const engines: Readonly<Record<string, EngineEntry>> = BUILT_IN_ENGINES;
  for (const [name, { sensors, sources }] of Object.entries(engines)) {
    for (const expression of [...Object.values(sensors ?? {}), sources].flat()) {
      const selectors = expression?.match(/\{[^}]*=[^}]*\}|\{\$matchers\}/g) ?? [];
      t.ok(selectors.length > 0, name);
      for (const selector of selectors) t.match(selector, '$matchers');
    }
  }
  t.end();
});

/** Names of what stands on the sides of an `or`: of a metric, or null where there is none. */
function sidesOf(expression: string): (string | null)[][] {
  const sides: (string | null)[][] = [];
  parser.parse(expression).iterate({
    enter: ({ node }) => {
      if (node.name !== 'BinaryExpr' || node.getChild('Or') === null) return;
      const [left, right] = [node.firstChild, node.lastChild];
      if (left !== null && right !== null) sides.push([left, right].flatMap((side) => namesIn(side, expression)));
    },
  });
  return sides;
}

/** A selector keeps its name in parentheses, through label_replace, and on either side of an \`or\`; all else drops it. */
function namesIn(node: SyntaxNode, text: string): (string | null)[] {
  if (node.name === 'VectorSelector') return [text.slice(node.from, node.to)];
  if (node.name === 'ParenExpr') return node.firstChild === null ? [null] : namesIn(node.firstChild, text);
  const isReplaced = (node.getChild('FunctionIdentifier')?.getChild('LabelReplace') ?? null) !== null;
  const replaced = node.getChild('FunctionCallBody')?.firstChild ?? null;
  if (isReplaced && replaced !== null) return namesIn(replaced, text);
  const isUnion = node.name === 'BinaryExpr' && node.getChild('Or') !== null;
  const isComparison = node.name === 'BinaryExpr' && node.getChild('Gtr') !== null;
  if (isUnion || isComparison) {
    const sides = [node.firstChild, isUnion ? node.lastChild : null];
    return sides.flatMap((side) => (side === null ? [] : namesIn(side, text)));
  }
  return [null];
}

void t.test('no expression unites series that have a name with series that have none', async (t) => {
  t.same(sidesOf('a or sum(b)'), [['a', null]]);
  t.same(sidesOf('(a > 0) or label_replace(b, "", "", "", "")'), [['a', 'b']]);
  const sources = Object.entries(BUILT_IN_ENGINES as Readonly<Record<string, EngineEntry>>).flatMap(
    ([name, { sensors, sources: own }]) =>
      [...Object.values(sensors ?? {}), own].flat().flatMap((expression) => (expression ? [[name, expression]] : [])),
  );
  for (const file of ['rules/recording-flink.yml', 'rules/recording-heron.yml']) {
    const { groups } = parse(await readFile(file, 'utf8')) as { groups: { rules: { expr: string }[] }[] };
    for (const { expr } of groups.flatMap(({ rules }) => rules)) sources.push([file, expr]);
  }
  for (const [place, expression] of sources) {
    for (const names of sidesOf((expression ?? '').replaceAll('$matchers', 'x="y"'))) {
      t.ok(names.every((name) => name === null) || !names.includes(null), `${place ?? ''}: ${expression ?? ''}`);
    }
  }
});

void t.test('what is asked over the window is asked of the samples themselves', (t) => {
  const scope = { engine: engineOf('flink'), listed: [listed('a')], discoveries: [], only: null, windowMs: 300_000 };
  for (const engine of [engineOf('flink'), engineOf('heron'), engineOf('recorded')]) {
    for (const { purpose, promql } of planQueries({ ...scope, engine }).filter(({ part }) => part !== 'suspended'))
      t.notMatch(promql, /\[\d+s:/, `${engine.name}: ${purpose}`);
  }
  t.end();
});
