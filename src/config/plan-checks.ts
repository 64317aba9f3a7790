// Finds templates that ask for one operator: such a webhook would carry out a part of a plan, and Dhalion would count it as all of it.
import { webhookTypeOf } from '../webhooks/webhook-types.js';
import type { CheckContext } from './check-context.js';
import type { UnlocatedFault } from '../grammar/config-fault.js';
import { entriesOf, itemsOf, namedBy, partAt } from '../grammar/document-part.js';
import { layerOf, layersOf, settingOf } from './policy-checks.js';
import { policySchema } from './policy-schema.js';
import { typeNameIn } from './webhook-checks.js';

const OF_ALL = 'operators';

export function findPlanFaults(context: CheckContext): UnlocatedFault[] {
  const general = layerOf(partAt(context.root, 'policy'));
  return itemsOf(partAt(context.root, 'topologies')).flatMap((topology) => {
    const plan = settingOf(layersOf(context, topology, general), 'plan')?.part.value;
    if ((plan ?? policySchema.properties.plan.default) !== 'topology') return [];
    const webhook = partAt(topology, 'webhook');
    return [webhook, ...entriesOf(webhook).map(([, route]) => route)].flatMap((route) => {
      const called = namedBy(partAt(context.root, 'webhooks'), route);
      const asked = webhookTypeOf({ type: typeNameIn(called) }).askedOfOneOperator(called);
      if (asked === undefined) return [];
      const message =
        `names a webhook whose template asks for ${asked} and not for ${OF_ALL}: a plan changes several operators. ` +
        `Set policy.plan: operator here (one operator an action), or loop over ${OF_ALL} in the template`;
      return [{ path: route.path, message }];
    });
  });
}
