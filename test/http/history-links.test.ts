import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  alertsLink,
  DASHBOARD,
  dashboardLink,
  firedLink,
  grafanaLinksOf,
  prometheusLinksOf,
  promqlOf,
} from '../../src/http/history-links.js';
import { EVALUATION_METRICS } from '../../src/metrics/metric-catalogue.js';
import { HISTORY_SERIES } from '../../src/model/operator-history.js';
import { ALL_LINKS, NO_LINKS } from '../support/histories.js';
import { runTool } from '../support/real-parts.js';

const ODD = 'a"b\\c|.*\nd{e} %+&#/é\uD800';
const linked = { links: ALL_LINKS, ownMatchers: 'job="dhalion"', topology: ODD, range: '6h' } as const;

function queryOf(link: string | null): URLSearchParams {
  return new URL(link ?? 'about:blank').searchParams;
}

await t.test('a link leads to the query behind the number', (t) => {
  const promql = promqlOf({ ...linked, topology: 'wordcount' }, 'split');
  t.equal(
    promql.parallelism,
    'max by (operator) (dhalion_operator_parallelism{job="dhalion",topology="wordcount",operator="split"})',
  );
  const links = prometheusLinksOf({ ...linked, topology: 'wordcount' }, 'split');
  for (const series of HISTORY_SERIES) {
    const link = links[series] ?? '';
    t.ok(link.startsWith('https://prometheus.example/prom/graph?g0.expr='));
    t.equal(queryOf(link).get('g0.expr'), promql[series]);
    t.equal(queryOf(link).get('g0.range_input'), '6h');
  }
  t.end();
});

await t.test('names of any kind stay within the query, and the query within the link', (t) => {
  for (const link of [prometheusLinksOf(linked, ODD).parallelism, grafanaLinksOf(linked, ODD).parallelism]) {
    t.equal(new URL(link ?? '').hash, '');
    t.notMatch(link, /[\s"{}<>\\^|+]/);
  }
  const written = '"a\\"b\\\\c|.*\\nd{e} %+&#/é\uFFFD"';
  const wanted = `max by (operator) (dhalion_operator_parallelism{job="dhalion",topology=${written},operator=${written}})`;
  t.equal(queryOf(prometheusLinksOf(linked, ODD).parallelism).get('g0.expr'), wanted);
  t.equal(queryOf(firedLink(linked)).get('g0.expr'), `ALERTS{topology=${written}}`);
  t.equal(queryOf(dashboardLink(linked)).get('var-topology'), ODD.replace('\uD800', '\uFFFD'));
  t.end();
});

await t.test('the panel of a series is the one that shows it', (t) => {
  const file = new URL('../../grafana/dashboards/dhalion-loop.json', import.meta.url);
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly uid: string;
    readonly panels: readonly { readonly id: number; readonly targets?: readonly { readonly expr: string }[] }[];
    readonly templating: { readonly list: readonly { readonly name: string }[] };
  };
  t.equal(dashboard.uid, DASHBOARD.uid);
  const metrics = {
    parallelism: EVALUATION_METRICS.parallelism,
    processing_rate: EVALUATION_METRICS.processingRate,
    suspended_ratio: EVALUATION_METRICS.suspendedRatio,
  };
  const links = grafanaLinksOf({ ...linked, topology: 'wordcount' }, 'split');
  for (const series of HISTORY_SERIES) {
    const query = queryOf(links[series]);
    const panel = dashboard.panels.find(({ id }) => id === Number(query.get('viewPanel')));
    t.match(panel?.targets?.map(({ expr }) => expr).join(' '), `${metrics[series].name}{`, series);
    t.match(links[series], /^https:\/\/grafana\.example\/g\/d\/dhalion-loop\?/);
    t.strictSame([query.get('from'), query.get('to')], ['now-6h', 'now']);
    const names = [...query.keys()].filter((name) => name.startsWith('var-')).map((name) => name.slice(4));
    t.strictSame(names, ['topology', 'operator']);
    for (const name of names) t.ok(dashboard.templating.list.some((variable) => variable.name === name));
  }
  t.end();
});

await t.test('the filter of the alerts is one that Alertmanager reads', async (t) => {
  const topology = ODD.replace('\uD800', '');
  const link = alertsLink({ ...linked, topology }, 'split') ?? '';
  t.match(link, /^https:\/\/alertmanager\.example\/#\/alerts\?silenced=true&inhibited=true&active=true&filter=/);
  const filter = new URLSearchParams(new URL(link).hash.replace(/^#\/alerts\?/, '')).get('filter') ?? '';
  t.match(filter, /^\{topology="a\\"b.*",operator="split"\}$/s);
  t.match(alertsLink(linked), /filter=%7Btopology%3D%22[^{]*%22%7D$/);
  const { code, output } = await runTool('amtool', ['--alertmanager.url=http://127.0.0.1:1', 'alert', 'query', filter]);
  // It is read before anybody is asked.
  t.not(code, 0);
  t.match(output, /connect/i, output);
});

await t.test('an address that is not set is not linked to', (t) => {
  const unlinked = { ...linked, links: NO_LINKS };
  const all = [
    dashboardLink(unlinked),
    alertsLink(unlinked),
    alertsLink(unlinked, 'split'),
    firedLink(unlinked),
    ...Object.values(prometheusLinksOf(unlinked, 'split')),
    ...Object.values(grafanaLinksOf(unlinked, 'split')),
  ];
  t.strictSame([...new Set(all)], [null]);
  t.match(promqlOf(unlinked, 'split').parallelism, 'dhalion_operator_parallelism', 'the query is present anyway');
  t.end();
});
