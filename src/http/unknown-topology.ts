// Suggests the probable name for an unknown topology.
import { listNames, nearestName } from '../grammar/config-fault.js';
import { shortenName } from '../shorten-name.js';
import type { ServiceView } from './service-view.js';

const MAX_LISTED = 5;
const MAX_NAME_WIDTH = 80;

/** `; did you mean 'wordcount'?`, or the known names: the end of a message about an unknown name. */
export async function suggestTopology(service: Pick<ServiceView, 'topologies'>, written: string): Promise<string> {
  const known = (await service.topologies()).map(({ topology }) => topology);
  const nearest = nearestName(written, known);
  if (nearest !== null) return `; did you mean '${nearest}'?`;
  if (known.length === 0) return '; none is known yet';
  const shown = known.slice(0, MAX_LISTED).map((name) => `'${shortenName(name, MAX_NAME_WIDTH)}'`);
  const more = known.length - shown.length;
  return `; known: ${listNames(more > 0 ? [...shown, `${more} more`] : shown)}`;
}
