// A shipped dashboard for another evaluation interval and another place of the runbooks.
import { renderDuration } from '../../grammar/duration.js';

export interface DashboardSettings {
  readonly evaluationIntervalMs: number;
  /** Where the project's files are, a slash at its end; empty: to be typed at the top of the dashboard. */
  readonly runbookBase: string;
}

/** Where the runbooks are, as shipped: the only variable that is empty. */
const SHIPPED_PROJECT_URL = '"query": ""';

/** The shortest step of panels that show what happens once an evaluation, as shipped. */
const SHIPPED_STEP = '"interval": "5m"';

/** At the defaults the text is the shipped one. */
export function renderDashboard(shipped: string, { evaluationIntervalMs, runbookBase }: DashboardSettings): string {
  const text = shipped.replaceAll(SHIPPED_STEP, `"interval": "${renderDuration(evaluationIntervalMs)}"`);
  if (runbookBase === '') return text;
  return text.replace(SHIPPED_PROJECT_URL, () => `"query": ${JSON.stringify(runbookBase.replace(/\/$/, ''))}`);
}
