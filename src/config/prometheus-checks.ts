// Checks `prometheus`, `storage` and the addresses of links beyond the schema.
import type { UnlocatedFault } from '../grammar/config-fault.js';
import { entriesOf, partAt } from '../grammar/document-part.js';
import { findBaseUrlFaults, findHttpConfigFaults, unreadableFiles } from '../grammar/http-config-checks.js';
import type { CheckContext } from './check-context.js';
import { wrongMatchers } from './engine-checks.js';

/** Query parameters that Dhalion sets itself. */
const OWN_PARAMETERS = ['query', 'time'];

export function findPrometheusFaults(context: CheckContext): UnlocatedFault[] {
  const prometheus = partAt(context.root, 'prometheus');
  return [
    ...findBaseUrlFaults(partAt(prometheus, 'url'), 'must end with its path; parameters belong in query_params'),
    ...entriesOf(partAt(prometheus, 'query_params'))
      .filter(([name]) => OWN_PARAMETERS.includes(name))
      .map(([, { path }]) => ({ path, message: 'is set by Dhalion itself for each query', isAboutKey: true })),
    ...wrongMatchers(partAt(prometheus, 'own_matchers')),
    ...findHttpConfigFaults(context, partAt(prometheus, 'http_config')),
  ];
}

export function findLinkFaults({ root }: CheckContext): UnlocatedFault[] {
  const addresses = [
    partAt(root, 'prometheus', 'external_url'),
    partAt(root, 'alertmanager_url'),
    partAt(root, 'grafana_url'),
  ];
  return addresses.flatMap((address) =>
    findBaseUrlFaults(
      address,
      'must end with its path: links are made from it',
      'must not hold credentials: the status page shows it',
    ),
  );
}

export function findStorageFaults(context: CheckContext): UnlocatedFault[] {
  return unreadableFiles(context, [partAt(context.root, 'storage', 'postgres_url_file')]);
}
