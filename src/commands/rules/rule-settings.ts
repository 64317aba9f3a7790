// Checks what a user sets for the rules, the route and the dashboards on the command line.
import { DhalionError } from '../../errors.js';
import { parseDuration } from '../../grammar/duration.js';

/** The parts that can be printed. */
export const RULES_PARTS = ['alerts', 'alertmanager', 'loop-dashboard', 'service-dashboard'] as const;
export type RulesPart = (typeof RULES_PARTS)[number];

export const DEFAULT_EVALUATION_INTERVAL = '5m';

/** Dhalion's address in the shipped route. */
export const SHIPPED_DHALION_URL = 'http://127.0.0.1:10017';

/** The scrape job in the shipped rules. */
export const SHIPPED_JOB = 'dhalion';

/** Labels with a meaning for the shipped rules, Alertmanager's route or Dhalion itself. */
const TAKEN_LABELS: ReadonlySet<string> = new Set([
  'alertname',
  'topology',
  'operator',
  'diagnosis',
  'resolver',
  'severity',
]);

const LABEL = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/s;

/** The characters of a usual job name. Quotes and templates are not allowed. */
const JOB = /^[\w./:-]+$/;

/** `name=value`, each name once. Throws `flag_invalid`. */
export function parseLabels(written: readonly string[]): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const text of written) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw invalid(`--label ${JSON.stringify(text)} is not NAME=VALUE`);
    }
    if (TAKEN_LABELS.has(name)) throw invalid(`--label ${text}: the rules use the label ${name}`);
    if (Object.hasOwn(labels, name)) throw invalid(`--label ${text}: ${name} is given twice`);
    labels[name] = value;
  }
  return labels;
}

/** Throws `flag_invalid`. */
export function parseJob(written: string): string {
  if (JOB.test(written)) return written;
  throw invalid(`--job ${JSON.stringify(written)}: a job may have only letters, digits and _ . / : -`);
}

/** An http or https address without a slash at its end. Throws `flag_invalid`. */
export function parseBase(flag: string, written: string): string {
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || /[?#\s"'{}$\\]/.test(written)) {
    throw invalid(`${flag} ${JSON.stringify(written)} is not an http or https URL without a query`);
  }
  // Not repeated: messages are kept in more places than secrets may be.
  if (url.username !== '' || url.password !== '') {
    throw invalid(`${flag} must not hold credentials: the output shows them`);
  }
  return written.replace(/\/+$/, '');
}

/** Ms; whole seconds from 1s to 1d, as `evaluation_interval` allows. Throws `flag_invalid`. */
export function parseInterval(flag: string, written: string): number {
  const ms = parseDuration(written);
  if (ms !== null && ms >= 1000 && ms <= 86_400_000 && ms % 1000 === 0) return ms;
  throw invalid(`${flag} ${JSON.stringify(written)} is not a duration of whole seconds from 1s to 1d, such as 5m`);
}

function invalid(message: string): DhalionError {
  return new DhalionError('flag_invalid', message);
}
