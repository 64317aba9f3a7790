// Checks names of time zones: those of the IANA database that this Node knows, in their exact spelling.
import { nearestName } from '../grammar/config-fault.js';
import type { Misread } from './excluded-period-ranges.js';

/** The three-letter names of the IANA database. Node knows others for Java's sake, such as BST for Dhaka's time. */
const THREE_LETTER_ZONES = 'CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET'.split(' ');

/** Missing from Node's own list of zones, which has only names with a region. */
const UTC = 'UTC';

/** null: Intl accepts the name with the meaning that Alertmanager gives it. */
export function timeZoneProblem(name: string): Misread | null {
  const allowed = 'must be UTC or a time zone of the IANA database, such as Europe/Berlin';
  if (name.toLowerCase() === 'local') {
    const message = `${allowed}; what is local depends on the machine`;
    return { message, suggestion: null };
  }
  const known = zonesByLowerCase();
  const spelt = known.get(name.toLowerCase());
  if (spelt === name) return null;
  // Intl ignores letter case; Alertmanager's zone files do not.
  if (spelt === undefined && isOlderName(name)) return null;
  return { message: allowed, suggestion: spelt ?? nearestName(name, known.values()) };
}

let zones: ReadonlyMap<string, string> | null = null;

/** Listing them takes a millisecond, so it happens once. */
function zonesByLowerCase(): ReadonlyMap<string, string> {
  zones ??= new Map([UTC, ...Intl.supportedValuesOf('timeZone')].map((zone) => [zone.toLowerCase(), zone]));
  return zones;
}

/** An old name that the database keeps, such as US/Eastern or EST5EDT. */
function isOlderName(name: string): boolean {
  if (!/^[A-Z]/.test(name) || name.startsWith('SystemV/')) return false;
  if (/^[A-Z]{3}$/.test(name) && !THREE_LETTER_ZONES.includes(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
