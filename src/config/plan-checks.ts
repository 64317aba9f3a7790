// A webhook whose template asks for one operator would carry out a part of a plan, and be taken to have carried out all of it.
import { namesInTemplate } from '../webhooks/generic/webhook-template.js';
import type { CheckContext } from './check-context.js';
import type { Finding } from '../grammar/config-fault.js';
import { entriesOf, itemsOf, partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import { layerOf, layersOf, settingOf } from './policy-checks.js';
import { policySchema } from './policy-schema.js';
import { isFlinkWebhook } from '../webhooks/generic/generic-checks.js';

/** They are those of the first operator. */
const OF_ONE_OPERATOR = ['operator', 'desired_parallelism'];
const OF_ALL = 'operators';

export function findPlanFaults(context: CheckContext): Finding[] {
  const general = layerOf(partAt(context.root, 'policy'));
  return itemsOf(partAt(context.root, 'topologies')).flatMap((topology) => {
    const plan = settingOf(layersOf(context, topology, general), 'plan')?.part.value;
    if ((plan ?? policySchema.properties.plan.default) !== 'topology') return [];
    const webhook = partAt(topology, 'webhook');
    return [webhook, ...entriesOf(webhook).map(([, route]) => route)].flatMap((route) => {
      const name = textOf(route);
      const asked = name === null ? undefined : askedOfOne(partAt(context.root, 'webhooks', name));
      if (name === null || asked === undefined) return [];
      const message =
        `names a webhook whose template asks for ${asked} and not for ${OF_ALL}: a plan changes several operators. ` +
        `Set policy.plan: operator here (one operator an action), or loop over ${OF_ALL} in the template`;
      return [{ path: route.path, message }];
    });
  });
}

/** The first such name in its templates; undefined: it has none, or asks for all operators too. */
function askedOfOne(webhook: DocumentPart): string | undefined {
  if (isFlinkWebhook(webhook)) return undefined;
  const names = ['url', 'body'].flatMap((key) => namesInTemplate(textOf(partAt(webhook, key)) ?? ''));
  return names.includes(OF_ALL) ? undefined : OF_ONE_OPERATOR.find((name) => names.includes(name));
}
