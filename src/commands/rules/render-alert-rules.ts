// Adapts the shipped alert rules to another evaluation interval, scrape job, address or team. Everything else remains as
// written; at the defaults the text is the shipped one.
import type { YAMLMap } from 'yaml';
import { renderDuration } from '../../grammar/duration.js';
import { SHIPPED_JOB } from './rule-settings.js';
import type { RuleTimes } from './rule-times.js';
import { SplicedYaml } from './splice-yaml.js';

export interface AlertRuleSettings {
  readonly times: RuleTimes;
  /** Dhalion's scrape job. */
  readonly job: string;
  /** Added to every alert. */
  readonly labels: Readonly<Record<string, string>>;
  /** Prefix of `runbook_url`, with a slash at its end; empty: a path in the project's repository. */
  readonly runbookBase: string;
  /** Prefix of `dashboard_url`, without a slash at its end; empty: a path in Grafana. */
  readonly grafanaBase: string;
}

/** Alerts whose resolver acts at once. */
const DIAGNOSED: ReadonlySet<string> = new Set(['DhalionUnderprovisioned', 'DhalionSlowInstances', 'DhalionDataSkew']);

/** The shipped values, except for the times. */
export const SHIPPED_ALERTS = { job: SHIPPED_JOB, labels: {}, runbookBase: '', grafanaBase: '' } as const;

/** The shipped alert rules with other times. */
export function plainRules(shipped: string, times: RuleTimes): string {
  return renderAlertRules(shipped, { ...SHIPPED_ALERTS, times });
}

/** Throws a `TypeError` if the text is not that of the shipped rules. */
export function renderAlertRules(shipped: string, settings: AlertRuleSettings): string {
  const yaml = new SplicedYaml(shipped);
  for (const group of SplicedYaml.maps(yaml.root, 'groups')) {
    if (group.has('interval')) setDuration(yaml, group, 'interval', settings.times.ruleIntervalMs);
    for (const rule of SplicedYaml.maps(group, 'rules')) {
      setTimes(yaml, rule, settings.times);
      setAddresses(yaml, rule, settings);
    }
  }
  return yaml.render();
}

function setTimes(yaml: SplicedYaml, rule: YAMLMap, times: RuleTimes): void {
  const name = String(rule.get('alert'));
  if (DIAGNOSED.has(name)) setDuration(yaml, rule, 'for', times.diagnosedForMs);
  if (name === 'DhalionOverprovisioned') {
    yaml.replace(rule, 'expr', '[7m]', `[${renderDuration(times.unknownForMs)}]`);
    setDuration(yaml, rule, 'for', times.overprovisionedForMs);
  }
  if (name === 'DhalionEvaluationLate') {
    yaml.replace(rule, 'expr', ' > 900', ` > ${times.lateAfterMs / 1000}`);
    setDuration(yaml, rule, 'for', times.lateForMs);
  }
  if (name === 'DhalionEvaluationFailing') {
    yaml.replace(rule, 'expr', '[10m]', `[${renderDuration(times.failingRangeMs)}]`);
    setDuration(yaml, rule, 'for', times.failingForMs);
  }
  if (rule.has('keep_firing_for')) setDuration(yaml, rule, 'keep_firing_for', times.keepFiringForMs);
}

function setAddresses(yaml: SplicedYaml, rule: YAMLMap, settings: AlertRuleSettings): void {
  const { job, labels, runbookBase, grafanaBase } = settings;
  const annotations = rule.get('annotations') as YAMLMap;
  if (rule.get('alert') === 'DhalionDown') {
    yaml.replace(rule, 'expr', `"${SHIPPED_JOB}"`, `"${job}"`);
    yaml.replace(annotations, 'description', `job ${SHIPPED_JOB} `, `job ${job} `);
  }
  // JSON is valid quoting in YAML.
  const lines = Object.entries(labels).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  if (lines.length > 0) yaml.prepend(rule.get('labels') as YAMLMap, lines);
  yaml.replace(annotations, 'runbook_url', 'rules/', `${runbookBase}rules/`);
  if (annotations.has('dashboard_url')) yaml.replace(annotations, 'dashboard_url', '/d/', `${grafanaBase}/d/`);
}

function setDuration(yaml: SplicedYaml, parent: YAMLMap, key: string, ms: number): void {
  yaml.set(parent, key, renderDuration(ms));
}
