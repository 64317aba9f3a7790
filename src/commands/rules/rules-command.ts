// `dhalion rules [PART]`: prints the shipped alert rules, route or dashboards for this installation.
import { readFile } from 'node:fs/promises';
import { loadConfiguration } from '../load-configuration.js';
import { renderAlertRules } from './render-alert-rules.js';
import { renderDashboard } from './render-dashboard.js';
import { renderRoute } from './render-route.js';
import {
  DEFAULT_EVALUATION_INTERVAL,
  parseBase,
  parseInterval,
  parseJob,
  parseLabels,
  type RulesPart,
} from './rule-settings.js';
import { routeTimes, ruleTimes } from './rule-times.js';

/** The file of each part in the package. */
const FILES: Readonly<Record<RulesPart, string>> = {
  alerts: 'rules/dhalion-alerts.yml',
  alertmanager: 'rules/alertmanager-example.yml',
  'loop-dashboard': 'grafana/dashboards/dhalion-loop.json',
  'service-dashboard': 'grafana/dashboards/dhalion-service.json',
};

/** As given on the command line; null: not given. */
export interface RulesCommandOptions {
  readonly part: RulesPart;
  readonly configFile: string | null;
  readonly evaluationInterval: string | null;
  readonly scaleDownAfter: string | null;
  readonly job: string;
  readonly labels: readonly string[];
  readonly runbookUrl: string | null;
  readonly grafanaUrl: string | null;
  readonly dhalionUrl: string;
  readonly write: (text: string) => void;
}

/** Rejects with `flag_invalid`, or with the fault of the configuration. */
export async function rulesCommand(options: RulesCommandOptions): Promise<void> {
  const { part, scaleDownAfter, runbookUrl, grafanaUrl, dhalionUrl } = options;
  const { evaluationIntervalMs, grafanaBase } = await installationOf(options);
  const scaleDownAfterMs = scaleDownAfter === null ? null : parseInterval('--scale-down-after', scaleDownAfter);
  const settings = {
    times: ruleTimes(evaluationIntervalMs, scaleDownAfterMs),
    job: parseJob(options.job),
    labels: parseLabels(options.labels),
    runbookBase: runbookUrl === null ? '' : `${parseBase('--runbook-url', runbookUrl)}/`,
    grafanaBase: grafanaUrl === null ? grafanaBase : parseBase('--grafana-url', grafanaUrl),
  };
  const route = {
    times: routeTimes(evaluationIntervalMs),
    dhalionUrl: parseBase('--dhalion-url', dhalionUrl),
  };
  const shipped = await readFile(new URL(`../../../${FILES[part]}`, import.meta.url), 'utf8');
  if (part === 'alerts') options.write(renderAlertRules(shipped, settings));
  else if (part === 'alertmanager') options.write(renderRoute(shipped, route));
  else options.write(renderDashboard(shipped, { evaluationIntervalMs, runbookBase: settings.runbookBase }));
}

/** The files named by a configuration are on the service's host, not here. */
const onAnotherMachine = (): boolean => true;

/** The installation as the configuration describes it, else by flags and defaults. */
async function installationOf({ configFile, evaluationInterval }: RulesCommandOptions) {
  if (configFile === null) {
    const written = evaluationInterval ?? DEFAULT_EVALUATION_INTERVAL;
    return { evaluationIntervalMs: parseInterval('--evaluation-interval', written), grafanaBase: '' };
  }
  const { evaluationIntervalMs, links } = await loadConfiguration(configFile, onAnotherMachine);
  return { evaluationIntervalMs, grafanaBase: links.grafana ?? '' };
}
