// Adapts a shipped dashboard to another evaluation interval and another address of the runbooks.
import { renderDuration } from '../../grammar/duration.js';

export interface DashboardSettings {
  readonly evaluationIntervalMs: number;
  /** Base URL of the project's files, with a slash at its end; empty: to be entered at the top of the dashboard. */
  readonly runbookBase: string;
}

/** The base URL of the runbooks, as shipped: the only empty variable. */
const SHIPPED_PROJECT_URL = '"query": ""';

/** The shortest step of panels that show events of an evaluation, as shipped. */
const SHIPPED_STEP = '"interval": "5m"';

/** At the defaults the text is the shipped one. */
export function renderDashboard(shipped: string, { evaluationIntervalMs, runbookBase }: DashboardSettings): string {
  const text = shipped.replaceAll(SHIPPED_STEP, `"interval": "${renderDuration(evaluationIntervalMs)}"`);
  if (runbookBase === '') return text;
  return text.replace(SHIPPED_PROJECT_URL, () => `"query": ${JSON.stringify(runbookBase.replace(/\/$/, ''))}`);
}
