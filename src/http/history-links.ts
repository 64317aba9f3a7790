// PURE: links to Prometheus, Alertmanager and Grafana for a closer look at what the status page shows. Each begins with an
// address from the configuration; names go into queries and are encoded.
import type { LinkAddresses } from '../config/configuration.js';
import { HISTORY_SERIES, type HistoryRange, type HistorySeries } from '../model/operator-history.js';
import { renderGauge } from '../history/operator-history.js';
import { renderString } from '../sensors/promql-literals.js';

export interface LinkedTopology {
  readonly links: LinkAddresses;
  /** Label matchers of our own series. */
  readonly ownMatchers: string;
  readonly topology: string;
  readonly range: HistoryRange;
}

/** The dashboard of `grafana/src/loop-dashboard.ts` and the panel of each series; a test compares them. */
export const DASHBOARD = {
  uid: 'dhalion-loop',
  panels: { parallelism: 13, processing_rate: 6, suspended_ratio: 4 },
} as const satisfies { readonly uid: string; readonly panels: Readonly<Record<HistorySeries, number>> };

type BySeries<Value> = Readonly<Record<HistorySeries, Value>>;

/** The PromQL of each number; useful without a link, too. */
export function promqlOf({ ownMatchers, topology }: LinkedTopology, operator: string): BySeries<string> {
  return bySeries((series) => renderGauge(series, { matchers: ownMatchers, topology, operator }));
}

export function prometheusLinksOf(linked: LinkedTopology, operator: string): BySeries<string | null> {
  const promql = promqlOf(linked, operator);
  return bySeries((series) => graphLink(linked, promql[series]));
}

export function grafanaLinksOf(linked: LinkedTopology, operator: string): BySeries<string | null> {
  return bySeries((series) => dashboardLink(linked, { 'var-operator': operator, viewPanel: DASHBOARD.panels[series] }));
}

/** The whole dashboard, or the panel of one series. */
export function dashboardLink(
  { links, topology, range }: LinkedTopology,
  more: Readonly<Record<string, string | number>> = {},
): string | null {
  if (links.grafana === null) return null;
  const query = { 'var-topology': topology, ...more, from: `now-${range}`, to: 'now' };
  return `${links.grafana}/d/${DASHBOARD.uid}?${queryOf(query)}`;
}

/** Alerts of the topology, or of one operator, including silenced and inhibited ones: they explain why nothing is done. */
export function alertsLink({ links, topology }: LinkedTopology, operator: string | null = null): string | null {
  if (links.alertmanager === null) return null;
  const matchers = [
    `topology=${renderString(topology)}`,
    ...(operator === null ? [] : [`operator=${renderString(operator)}`]),
  ];
  const query = { silenced: 'true', inhibited: 'true', active: 'true', filter: `{${matchers.join(',')}}` };
  return `${links.alertmanager}/#/alerts?${queryOf(query)}`;
}

/** In Prometheus: when each alert of the topology was pending or firing. */
export function firedLink(linked: LinkedTopology): string | null {
  return graphLink(linked, `ALERTS{topology=${renderString(linked.topology)}}`);
}

function graphLink({ links, range }: LinkedTopology, promql: string): string | null {
  if (links.prometheus === null) return null;
  return `${links.prometheus}/graph?${queryOf({ 'g0.expr': promql, 'g0.tab': 0, 'g0.range_input': range })}`;
}

/** Alertmanager's page does not read a plus sign as a space. */
function queryOf(query: Readonly<Record<string, string | number>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(wellFormed(value))}`)
    .join('&');
}

/** Half of a surrogate pair cannot be encoded. */
function wellFormed(value: string | number): string {
  return new TextDecoder().decode(new TextEncoder().encode(String(value)));
}

function bySeries<Value>(valueOf: (series: HistorySeries) => Value): BySeries<Value> {
  return Object.fromEntries(HISTORY_SERIES.map((series) => [series, valueOf(series)])) as BySeries<Value>;
}
