// Which names are time zones: those of the IANA database that this machine's Node knows, spelt as there.
import { nearestName } from '../grammar/config-fault.js';
import type { Misread } from './excluded-period-ranges.js';

/** The three-letter names in the IANA database. Node knows others from Java's past, such as BST, which is Dhaka's time. */
const THREE_LETTER_ZONES = 'CET EET EST GMT HST MET MST PRC ROC ROK UCT UTC WET'.split(' ');

/** Not among Node's own list of zones, which has no name without a region. */
const UTC = 'UTC';

/** null: the name can be given to Intl, and means there what it means to Alertmanager. */
export function timeZoneProblem(name: string): Misread | null {
  const allowed = 'must be UTC or a time zone of the IANA database, such as Europe/Berlin';
  if (name.toLowerCase() === 'local') {
    const message = `${allowed}; what is local depends on the machine`;
    return { message, suggestion: null };
  }
  const known = zonesByLowerCase();
  const spelt = known.get(name.toLowerCase());
  if (spelt === name) return null;
  // Intl does not tell letter cases apart; the files that Alertmanager looks zones up in do.
  if (spelt === undefined && isOlderName(name)) return null;
  return { message: allowed, suggestion: spelt ?? nearestName(name, known.values()) };
}

let zones: ReadonlyMap<string, string> | null = null;

/** To list them takes a millisecond, so it is done once. */
function zonesByLowerCase(): ReadonlyMap<string, string> {
  zones ??= new Map([UTC, ...Intl.supportedValuesOf('timeZone')].map((zone) => [zone.toLowerCase(), zone]));
  return zones;
}

/** A name that the database keeps beside the present one, such as US/Eastern or EST5EDT. */
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
