// Adapts the shipped Alertmanager configuration to another evaluation interval and another address of Dhalion.
import type { YAMLMap } from 'yaml';
import { renderDuration } from '../../grammar/duration.js';
import { SHIPPED_DHALION_URL } from './rule-settings.js';
import type { RouteTimes } from './rule-times.js';
import { SplicedYaml } from './splice-yaml.js';

export interface RouteSettings {
  readonly times: RouteTimes;
  /** Dhalion's address for Alertmanager, without a slash at its end. */
  readonly dhalionUrl: string;
}

/** At the defaults the text is the shipped one. Routes for people are unchanged. Throws a `TypeError` for an unexpected text. */
export function renderRoute(shipped: string, { times, dhalionUrl }: RouteSettings): string {
  const yaml = new SplicedYaml(shipped);
  const routes = SplicedYaml.maps(yaml.root.get('route') as YAMLMap, 'routes');
  for (const route of routes) {
    if (route.get('receiver') !== 'dhalion') continue;
    yaml.set(route, 'group_wait', renderDuration(times.groupWaitMs));
    for (const key of ['group_interval', 'repeat_interval'])
      yaml.set(route, key, renderDuration(times.repeatIntervalMs));
  }
  for (const receiver of SplicedYaml.maps(yaml.root, 'receivers')) {
    for (const webhook of SplicedYaml.maps(receiver, 'webhook_configs')) {
      yaml.replace(webhook, 'url', SHIPPED_DHALION_URL, dhalionUrl);
    }
  }
  return yaml.render();
}
