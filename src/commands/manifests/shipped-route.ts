// The `dhalion` route and receiver of an Alertmanager configuration, such as rules/alertmanager-example.yml. Pure.
import { parse } from 'yaml';

export interface Matcher {
  readonly name: string;
  readonly matchType: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** The keys are Alertmanager's own. */
export interface ShippedRoute {
  readonly matchers: readonly Matcher[];
  readonly group_by: readonly string[];
  readonly group_wait: string;
  readonly group_interval: string;
  readonly repeat_interval: string;
  readonly webhook: { readonly send_resolved: boolean; readonly max_alerts: number };
}

interface AlertmanagerFile {
  readonly route: { readonly routes: readonly RouteEntry[] };
  readonly receivers: readonly {
    readonly name: string;
    readonly webhook_configs?: readonly ShippedRoute['webhook'][];
  }[];
}

type RouteEntry = Omit<ShippedRoute, 'matchers' | 'webhook'> & {
  readonly receiver: string;
  readonly matchers: readonly string[];
};

export const RECEIVER = 'dhalion';

/** Throws if there is no such route: the file comes with the package. */
export function parseRoute(text: string): ShippedRoute {
  const { route, receivers } = parse(text) as AlertmanagerFile;
  const entry = route.routes.find(({ receiver }) => receiver === RECEIVER);
  const webhook = receivers.find(({ name }) => name === RECEIVER)?.webhook_configs?.[0];
  if (entry === undefined || webhook === undefined) throw new Error(`no route and webhook of a receiver ${RECEIVER}`);
  return { ...entry, matchers: entry.matchers.map(parseMatcher), webhook };
}

/** @param text `diagnosis=~".+"` */
function parseMatcher(text: string): Matcher {
  const [, name, matchType, value] = /^(\w+)(=~|!~|!=|=)"([^"\\]*)"$/.exec(text) ?? [];
  if (name === undefined || matchType === undefined || value === undefined) throw new Error(`not a matcher: ${text}`);
  return { name, matchType: matchType as Matcher['matchType'], value };
}
