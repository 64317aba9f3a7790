// The shipped dashboards follow the rules of Grafana's linter, read only exported metrics, and have valid links.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { parse } from 'yaml';
import { PROCESS_METRICS } from '../../grafana/src/queries.js';
import { METRIC_CATALOGUE } from '../../src/metrics/metric-catalogue.js';
import { interpolate, panelsOf, readDashboards, type DashboardDocument, type Panel } from '../support/dashboards.js';
import { LINT_RULES, lintDashboard, selectorsIn, type Finding } from '../support/lint-dashboard.js';
import { anchorsOf } from '../support/markdown.js';
import { prometheusFor } from '../support/real-parts.js';

interface Exclusions {
  readonly exclusions: Readonly<
    Record<string, { readonly reason: string; readonly entries: readonly { dashboard: string; panel: string }[] }>
  >;
}

const dashboards = await readDashboards();
const { exclusions } = parse(await readFile('grafana/dashboards/.lint', 'utf8')) as Exclusions;

/** All that is asked of Prometheus. */
function expressionsOf(dashboard: DashboardDocument): readonly string[] {
  return [
    ...panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...dashboard.annotations.list.map(({ expr }) => expr),
  ];
}

void t.test("the dashboards keep every rule of Grafana's linter, argued exclusions aside", (t) => {
  t.equal(dashboards.length, 2);
  const findings = dashboards.flatMap(lintDashboard);
  const excluded = Object.entries(exclusions).flatMap(([rule, { reason, entries }]) => {
    t.match(reason, /\.$/, `${rule} has a reason`);
    return entries.map((entry) => ({ rule, ...entry }));
  });
  const placesOf = ({ rule, dashboard, panel }: Omit<Finding, 'message'>): string =>
    [rule, dashboard, panel].join(' / ');
  t.same(findings.map(placesOf).sort(), excluded.map(placesOf).sort(), 'and no exclusion without need');
  t.end();
});

void t.test('each rule finds its fault', (t) => {
  const [dashboard] = dashboards;
  if (dashboard === undefined) throw new Error('no dashboard');
  const withVariable = (name: string, changed: object): DashboardDocument => ({
    ...dashboard,
    templating: { list: dashboard.templating.list.map((one) => (one.name === name ? { ...one, ...changed } : one)) },
  });
  const withPanel = (changed: Partial<Panel>): DashboardDocument => ({
    ...dashboard,
    panels: dashboard.panels.map((panel) => (panel.title === 'Suspended ratio' ? { ...panel, ...changed } : panel)),
  });
  const withExpr = (expr: string): DashboardDocument => withPanel({ targets: [{ refId: 'A', expr }] });
  const faulty: Readonly<Record<string, DashboardDocument>> = {
    'template-datasource-rule': withVariable('datasource', { name: 'source' }),
    'template-job-rule': withVariable('job', { multi: false }),
    'template-instance-rule': withVariable('instance', { allValue: '.*' }),
    'template-label-promql-rule': withVariable('topology', { query: 'topologies()' }),
    'template-on-time-change-reload-rule': withVariable('operator', { refresh: 1 }),
    'uneditable-dashboard': { ...dashboard, editable: true },
    'panel-datasource-rule': withPanel({ datasource: { type: 'prometheus', uid: 'mine' } }),
    'panel-title-description-rule': withPanel({ description: '' }),
    'panel-units-rule': withPanel({ fieldConfig: { defaults: {} } }),
    'panel-no-targets-rule': withPanel({ targets: [] }),
    'target-rate-interval-rule': withExpr('rate(up{job=~"$job",instance=~"$instance"}[5m])'),
    'target-job-rule': withExpr('up{instance=~"$instance"}'),
    'target-instance-rule': withExpr('up{job=~"$job",instance="$instance"}'),
    'target-counter-agg-rule': withExpr('sum(dhalion_evaluations_total{job=~"$job",instance=~"$instance"})'),
  };
  t.same(Object.keys(faulty).sort(), [...LINT_RULES].sort());
  const already = lintDashboard(dashboard).map(({ rule }) => rule);
  for (const [rule, changed] of Object.entries(faulty)) {
    const times = (rules: readonly string[]): number => rules.filter((one) => one === rule).length;
    t.equal(times(lintDashboard(changed).map((finding) => finding.rule)), times(already) + 1, rule);
  }
  t.end();
});

void t.test('Prometheus can parse every expression, of panels, annotations and variables', async (t) => {
  const { url } = await prometheusFor(t, { config: 'global: {}\n' });
  const selected = (query: string): string => /^label_values\((.*), \w+\)$/.exec(query)?.[1] ?? query;
  for (const dashboard of dashboards) {
    const ofVariables = dashboard.templating.list
      .filter(({ type }) => type === 'query')
      .map(({ query = '' }) => selected(query));
    for (const expr of [...expressionsOf(dashboard), ...ofVariables]) {
      const query = interpolate(expr, { topology: 'wordcount', rateInterval: 60 });
      const answer = await fetch(`${url}/api/v1/format_query?query=${encodeURIComponent(query)}`);
      t.equal(answer.status, 200, `${expr}: ${await answer.text()}`);
    }
  }
});

void t.test('every metric is shown, and every queried metric is exported', (t) => {
  const exported = new Set([...METRIC_CATALOGUE, ...Object.values(PROCESS_METRICS)].map(({ name }) => name));
  const read = dashboards.flatMap(expressionsOf).flatMap((expr) => selectorsIn(expr).map(({ name }) => name));
  const bare = new Set(read.map((name) => name.replace(/_bucket$/, '')));
  t.same([...bare].sort(), [...exported].sort());
  t.end();
});

void t.test(
  'they are classic dashboards that can be provisioned: no id, own uids and titles, nothing overlaps',
  (t) => {
    t.same(dashboards.map(({ uid }) => uid).sort(), ['dhalion-loop', 'dhalion-service']);
    t.equal(new Set(dashboards.map(({ title }) => title)).size, dashboards.length);
    for (const { id, schemaVersion, panels, title } of dashboards) {
      t.equal(id, null, title);
      t.ok(schemaVersion >= 39 && schemaVersion <= 42, title);
      t.same(
        panels.map((panel) => panel.id),
        panels.map((_, index) => index + 1),
        title,
      );
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, n) => `${x + (n % w)}:${y + Math.floor(n / w)}`),
      );
      t.equal(new Set(cells).size, cells.length, `${title}: every panel has its own place`);
      t.ok(
        panels.every(({ gridPos: { x, w } }) => x + w <= 24),
        `${title}: 24 columns`,
      );
    }
    t.end();
  },
);

void t.test('unknown differs from yes and no in a state timeline', (t) => {
  const timelines = dashboards.flatMap(panelsOf).filter(({ type }) => type === 'state-timeline');
  t.ok(timelines.length >= 4);
  for (const { title, fieldConfig } of timelines) {
    const states = (fieldConfig?.defaults.mappings ?? []).flatMap(({ options }) => Object.entries(options));
    t.same(states.map(([value]) => value).sort(), ['-1', '0', '1'], title);
    t.equal(new Set(states.map(([, { color }]) => color)).size, 3, title);
    t.equal(states.find(([value]) => value === '-1')?.[1].text, 'unknown', title);
  }
  t.end();
});

void t.test('every link to a runbook leads to a heading of it', async (t) => {
  const anchors = anchorsOf(await readFile('rules/README.md', 'utf8'));
  const urls = dashboards
    .flatMap((dashboard) => [...dashboard.links, ...panelsOf(dashboard).flatMap(({ links = [] }) => links)])
    .flatMap(({ url }) => (url === undefined ? [] : [url]));
  t.ok(urls.length > 5);
  for (const url of urls) {
    const [file, anchor = ''] = url.split('#');
    t.equal(file, '${project_url}/rules/README.md');
    t.ok(anchors.has(anchor), url);
  }
  for (const { templating } of dashboards) {
    t.match(templating.list.at(-1), { name: 'project_url', query: '' });
    t.equal(templating.list.filter(({ query }) => query === '').length, 1, 'dhalion rules finds it by that');
  }
});
