// The rules of Grafana's dashboard-linter, by their names there, for dashboards on one Prometheus. Another test asks
// Prometheus whether expressions parse (target-promql-rule); the two rules on LogQL do not apply.
import { panelsOf, type DashboardDocument, type Panel, type TemplateVariable } from './dashboards.js';

export interface Finding {
  readonly rule: string;
  readonly dashboard: string;
  /** Absent: the dashboard as a whole. */
  readonly panel?: string;
  readonly message: string;
}

/** The units in use, a few of Grafana's. */
const UNITS = ['short', 'none', 's', 'bytes', 'percentunit', 'cps', 'cpm', 'dateTimeFromNow'];
const TEMPLATED = ['$datasource', '${datasource}'];
const WITH_TEXT = ['stat', 'singlestat', 'graph', 'table', 'timeseries', 'gauge'];
const WITH_TARGETS = [...WITH_TEXT, 'state-timeline'];

type Fault = string | null;
type DashboardRule = (dashboard: DashboardDocument) => Fault;
type PanelRule = (panel: Panel) => Fault;
type TargetRule = (expr: string) => Fault;

const DASHBOARD_RULES: Readonly<Record<string, DashboardRule>> = {
  'template-datasource-rule': ({ templating: { list } }) => {
    const sources = list.filter(({ type }) => type === 'datasource');
    if (sources.length !== 1) return `${sources.length} variables of data sources`;
    const [source] = sources;
    if (source?.query !== 'prometheus') return 'the data source is not a Prometheus';
    if (source.name !== 'datasource') return `the data source is called ${source.name}`;
    return source.label === 'Data source' ? null : `the data source is labelled ${String(source.label)}`;
  },
  'template-job-rule': (dashboard) => matcherVariableFault(dashboard, 'job', 'Job'),
  'template-instance-rule': (dashboard) => matcherVariableFault(dashboard, 'instance', 'Instance'),
  'template-label-promql-rule': ({ templating: { list } }) =>
    faultOf(queriesIn(list), ({ name, query = '' }) =>
      /^(label_names|label_values|metrics|query_result)\(.+\)$/.test(query) ? null : `${name} asks ${query}`,
    ),
  'template-on-time-change-reload-rule': ({ templating: { list } }) =>
    faultOf(queriesIn(list), ({ name, refresh }) => (refresh === 2 ? null : `${name} is not reloaded`)),
  'uneditable-dashboard': ({ editable }) => (editable ? 'can be edited' : null),
};

const PANEL_RULES: Readonly<Record<string, PanelRule>> = {
  'panel-datasource-rule': ({ datasource }) =>
    TEMPLATED.includes(datasource?.uid ?? '') ? null : `reads ${String(datasource?.uid)}`,
  'panel-title-description-rule': ({ title, description }) =>
    title === '' || (description ?? '') === '' ? 'lacks title or description' : null,
  'panel-units-rule': ({ type, fieldConfig }) => {
    const unit = fieldConfig?.defaults.unit ?? '';
    return UNITS.includes(unit) || (type === 'state-timeline' && hasMappings(fieldConfig)) ? null : `has unit ${unit}`;
  },
  'panel-no-targets-rule': ({ type, targets = [] }) =>
    WITH_TARGETS.includes(type) && targets.length > 0 ? null : `${type} without targets`,
};

const TARGET_RULES: Readonly<Record<string, TargetRule>> = {
  'target-rate-interval-rule': (expr) =>
    faultOf([...expr.matchAll(/\bi?rate\([^[]*\[([^\]]*)\]/g)], ([, range = '']) =>
      range === '$__rate_interval' ? null : `a rate over ${range}`,
    ),
  'target-job-rule': (expr) => matcherFault(expr, 'job=~"$job"'),
  'target-instance-rule': (expr) => matcherFault(expr, 'instance=~"$instance"'),
  'target-counter-agg-rule': (expr) =>
    faultOf(selectorsIn(expr), ({ name, before, after }) =>
      !name.endsWith('_total') || (/\b(i?rate|increase)\($/.test(before) && after.startsWith('['))
        ? null
        : `${name} without rate`,
    ),
};

export const LINT_RULES = [DASHBOARD_RULES, PANEL_RULES, TARGET_RULES].flatMap((rules) => Object.keys(rules));

export function lintDashboard(dashboard: DashboardDocument): readonly Finding[] {
  const found = (rule: string, fault: Fault, panel?: Panel): Finding[] =>
    fault === null
      ? []
      : [{ rule, dashboard: dashboard.title, message: fault, ...(panel === undefined ? {} : { panel: panel.title }) }];
  const panels = panelsOf(dashboard);
  const targets = panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => ({ panel, expr })));
  return [
    ...Object.entries(DASHBOARD_RULES).flatMap(([rule, check]) => found(rule, check(dashboard))),
    ...Object.entries(PANEL_RULES).flatMap(([rule, check]) =>
      panels.flatMap((panel) => found(rule, check(panel), panel)),
    ),
    ...Object.entries(TARGET_RULES).flatMap(([rule, check]) =>
      targets.flatMap(({ panel, expr }) => found(rule, check(expr), panel)),
    ),
  ];
}

interface Selector {
  readonly name: string;
  readonly matchers: string;
  readonly before: string;
  readonly after: string;
}

/** The metrics that an expression reads. All of ours are written with matchers, so a bare name is not one of our selectors. */
export function selectorsIn(expr: string): readonly Selector[] {
  const names = /\b((?:dhalion|process|nodejs)_\w+|up)\b(?:\{((?:[^}"]|"[^"]*")*)\})?/g;
  return [...expr.matchAll(names)].map((match) => {
    const [whole, name = '', matchers = ''] = match;
    return { name, matchers, before: expr.slice(0, match.index), after: expr.slice(match.index + whole.length) };
  });
}

function matcherFault(expr: string, matcher: string): Fault {
  const selectors = selectorsIn(expr);
  if (selectors.length === 0) return `${expr} reads nothing`;
  return faultOf(selectors, ({ name, matchers }) =>
    matchers.split(',').filter((one) => one === matcher).length === 1 ? null : `${name} is read without ${matcher}`,
  );
}

function matcherVariableFault({ templating: { list } }: DashboardDocument, name: string, label: string): Fault {
  const variable = list.find((one) => one.name === name);
  if (variable?.type !== 'query') return `${name} is no query`;
  if (!TEMPLATED.includes(variable.datasource?.uid ?? '')) return `${name} reads ${String(variable.datasource?.uid)}`;
  if (variable.label !== label) return `${name} is labelled ${String(variable.label)}`;
  if (variable.multi !== true) return `${name} takes one value only`;
  return variable.allValue === '.+' ? null : `all of ${name} is ${String(variable.allValue)}`;
}

function queriesIn(list: readonly TemplateVariable[]): readonly TemplateVariable[] {
  return list.filter(({ type }) => type === 'query');
}

function hasMappings(config: Panel['fieldConfig']): boolean {
  return (config?.defaults.mappings ?? []).length > 0;
}

/** The first fault of the items. */
function faultOf<Item>(items: readonly Item[], check: (item: Item) => Fault): Fault {
  for (const item of items) {
    const fault = check(item);
    if (fault !== null) return fault;
  }
  return null;
}
