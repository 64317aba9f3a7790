// Checks `topologies` beyond the schema: keys that belong together, unique names, names that must exist.
import { engineNames, engineOf, findRepeated, type CheckContext } from './check-context.js';
import { listNames, unknownName, type UnlocatedFault } from '../grammar/config-fault.js';
import { entriesOf, isGiven, itemsOf, namedBy, partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import { findOperatorFaults } from './operator-checks.js';
import { patternFaults } from './pattern-checks.js';
import { DEFAULT_WEBHOOK_TYPE, WEBHOOK_TYPE_NAMES, webhookTypeOf } from '../webhooks/webhook-types.js';
import { typeNameIn } from './webhook-checks.js';

export function findTopologyFaults(context: CheckContext): UnlocatedFault[] {
  const topologies = itemsOf(partAt(context.root, 'topologies'));
  const engines = engineNames(context);
  const webhooks = new Set(entriesOf(partAt(context.root, 'webhooks')).map(([name]) => name));
  return [
    ...topologies.flatMap((topology) => [
      ...kindFaults(topology),
      ...unknownEngine(engines, topology),
      ...unknownWebhooks(webhooks, topology),
      ...unservedRoutes(context, topology),
      ...routesOfForeignEngines(context, topology),
      ...graphsThatNobodyTells(context, topology),
      ...patternFaults(partAt(topology, 'discover')),
      ...findOperatorFaults(topology),
    ]),
    ...repeatedTopologies(topologies),
  ];
}

function kindFaults(topology: DocumentPart): UnlocatedFault[] {
  const isListed = isGiven(partAt(topology, 'name'));
  const isDiscovery = isGiven(partAt(topology, 'discover'));
  if (isListed === isDiscovery) {
    // The schema reports an entry that is not a map.
    if (entriesOf(topology).length === 0) return [];
    const message = isListed ? 'has both name and discover; it must have one of them' : 'needs name or discover';
    return [{ path: topology.path, message }];
  }
  if (isListed) return [];
  return ['label_value', 'operators']
    .map((key) => partAt(topology, key))
    .filter((part) => part.value !== undefined)
    .map(({ path }) => ({ path, message: 'goes with name, not with discover', isAboutKey: true }));
}

function unknownEngine(known: ReadonlySet<string>, topology: DocumentPart): UnlocatedFault[] {
  const name = engineOf(topology);
  if (name === null || known.has(name)) return [];
  return [unknownName([...topology.path, 'engine'], name, 'is not the name of an engine', known)];
}

function unknownWebhooks(known: ReadonlySet<string>, topology: DocumentPart): UnlocatedFault[] {
  const webhook = partAt(topology, 'webhook');
  const routes = [webhook, ...entriesOf(webhook).map(([, route]) => route)];
  return [...routes, partAt(topology, 'graph')].flatMap((route) => {
    const name = textOf(route);
    if (name === null || known.has(name)) return [];
    return [unknownName(route.path, name, 'is not the name of a webhook', known)];
  });
}

/** Finds resolvers that the webhook's type cannot carry out. */
function unservedRoutes(context: CheckContext, topology: DocumentPart): UnlocatedFault[] {
  return entriesOf(partAt(topology, 'webhook')).flatMap(([resolver, route]): UnlocatedFault[] => {
    const { type, unserved } = typeOfRoute(context, route);
    const reason = Object.entries(unserved).find(([name]) => name === resolver)?.[1];
    if (reason === undefined) return [];
    const message = `names a webhook of type ${type}, but ${reason}: name one of type ${DEFAULT_WEBHOOK_TYPE}, or leave it out (the diagnosis is then answered by scale_up)`;
    return [{ path: route.path, message }];
  });
}

/** Finds engines whose topologies the webhook's type cannot scale. */
function routesOfForeignEngines(context: CheckContext, topology: DocumentPart): UnlocatedFault[] {
  const engine = engineOf(topology);
  const webhook = partAt(topology, 'webhook');
  return [webhook, ...entriesOf(webhook).map(([, route]) => route)].flatMap((route): UnlocatedFault[] => {
    const { type, engines } = typeOfRoute(context, route);
    if (engine === null || !engines.foreign.includes(engine)) return [];
    const message = `names a webhook of type ${type}, which scales ${engines.scales}, not of engine ${engine}: name one of type ${DEFAULT_WEBHOOK_TYPE}`;
    return [{ path: route.path, message }];
  });
}

/** For a known webhook: its type has no graphs, or none for this engine's topologies. */
function graphsThatNobodyTells(context: CheckContext, topology: DocumentPart): UnlocatedFault[] {
  const graph = partAt(topology, 'graph');
  if (!isGiven(namedBy(partAt(context.root, 'webhooks'), graph))) return [];
  const engine = engineOf(topology);
  const asked = typeOfRoute(context, graph);
  const { type, engines } = asked;
  const telling = WEBHOOK_TYPE_NAMES.filter((name) => webhookTypeOf({ type: name }).createGraphSource !== undefined);
  if (asked.createGraphSource === undefined) {
    return [
      {
        path: graph.path,
        message: `names a webhook of type ${type}, which tells no graphs: name one of type ${listNames(telling)}`,
      },
    ];
  }
  if (engine === null || !engines.foreign.includes(engine)) return [];
  return [{ path: graph.path, message: `names a webhook of type ${type}, which tells no graphs of engine ${engine}` }];
}

/** An unknown webhook counts as the default type, which has no checks here. */
function typeOfRoute({ root }: CheckContext, route: DocumentPart) {
  const type = typeNameIn(namedBy(partAt(root, 'webhooks'), route));
  return { type, ...webhookTypeOf({ type }) };
}

function repeatedTopologies(topologies: readonly DocumentPart[]): UnlocatedFault[] {
  const names = findRepeated(topologies, (topology) => textOf(partAt(topology, 'name')));
  const labelValues = findRepeated(topologies, (topology) => withEngine(topology, labelValueOf(topology)));
  const discoveries = findRepeated(topologies, (topology) =>
    withEngine(topology, textOf(partAt(topology, 'discover'))),
  );
  const byName = names.map(({ item, first }) => repetition(item, first, 'name', 'is the name of another topology'));
  const namedTwice = new Set(names.map(({ item }) => item));
  return [
    ...byName,
    // Two topologies with one name also have one label value: report it once.
    ...labelValues
      .filter(({ item }) => !namedTwice.has(item))
      .map(({ item, first }) => {
        const key = isGiven(partAt(item, 'label_value')) ? 'label_value' : 'name';
        return repetition(item, first, key, "is the engine's label value of another topology");
      }),
    ...discoveries.map(({ item, first }) => repetition(item, first, 'discover', 'is discovered already')),
  ];
}

function repetition(item: DocumentPart, first: DocumentPart, key: string, what: string): UnlocatedFault {
  return { path: [...item.path, key], message: `${what}, topologies[${first.path.at(-1) ?? ''}]` };
}

function labelValueOf(topology: DocumentPart): string | null {
  return textOf(partAt(topology, 'label_value')) ?? textOf(partAt(topology, 'name'));
}

function withEngine(topology: DocumentPart, value: string | null): string | null {
  const engine = engineOf(topology);
  return value === null || engine === null ? null : JSON.stringify([engine, value]);
}
