// Checks a topology's operators beyond the schema: unique names, existing inputs without cycles, roles.
import { findRepeated } from './check-context.js';
import { unknownName, type UnlocatedFault } from '../grammar/config-fault.js';
import { isGiven, itemsOf, partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import { quotePattern } from './label-pattern.js';
import { patternFaults } from './pattern-checks.js';

export function findOperatorFaults(topology: DocumentPart): UnlocatedFault[] {
  const operators = itemsOf(partAt(topology, 'operators'));
  const names = new Set(operators.map(nameOf).filter((name) => name !== null));
  return [
    ...repeatedOperators(operators),
    ...operators.flatMap((operator) => [
      ...patternFaults(partAt(operator, 'match')),
      ...sourceWithInputs(operator),
      ...wrongInputs(operator, names),
    ]),
    ...circles(operators),
  ];
}

function repeatedOperators(operators: readonly DocumentPart[]): UnlocatedFault[] {
  const names = findRepeated(operators, nameOf);
  const namedTwice = new Set(names.map(({ item }) => item));
  return [
    ...names.map(({ item }) => ({ path: [...item.path, 'name'], message: 'is the name of another operator' })),
    ...findRepeated(operators, matchOf)
      .filter(({ item }) => !namedTwice.has(item))
      .map(({ item, first }) => ({
        path: [...item.path, isGiven(partAt(item, 'match')) ? 'match' : 'name'],
        message: `matches the same operator labels as ${nameOf(first) ?? 'another operator'}`,
      })),
  ];
}

function nameOf(operator: DocumentPart): string | null {
  return textOf(partAt(operator, 'name'));
}

function matchOf(operator: DocumentPart): string | null {
  const name = nameOf(operator);
  return textOf(partAt(operator, 'match')) ?? (name === null ? null : quotePattern(name));
}

function sourceWithInputs(operator: DocumentPart): UnlocatedFault[] {
  const role = partAt(operator, 'role');
  if (role.value !== 'source' || itemsOf(partAt(operator, 'inputs')).length === 0) return [];
  return [{ path: role.path, message: 'contradicts its inputs: a source reads from outside' }];
}

function wrongInputs(operator: DocumentPart, known: ReadonlySet<string>): UnlocatedFault[] {
  const inputs = itemsOf(partAt(operator, 'inputs'));
  return [
    ...inputs.flatMap((input) => {
      const name = textOf(input);
      if (name === null || known.has(name)) return [];
      return [unknownName(input.path, name, 'is not an operator of this topology', known)];
    }),
    ...findRepeated(inputs, textOf).map(({ item }) => ({ path: item.path, message: 'is given twice' })),
  ];
}

/** The message names this many operators of a cycle, then `…` and the operator that closes it. */
const MAX_TOLD = 20;

/** One fault for each cycle, at the inputs of the operator where the search entered it. */
function circles(operators: readonly DocumentPart[]): UnlocatedFault[] {
  const byName = new Map(operators.map((operator) => [nameOf(operator), operator]));
  const done = new Set<DocumentPart>();
  const faults: UnlocatedFault[] = [];
  for (const first of operators) {
    // An explicit stack: a chain may be longer than the call stack allows.
    const way: { readonly operator: DocumentPart; readonly inputs: Iterator<DocumentPart> }[] = [];
    const places = new Map<DocumentPart, number>();
    const enter = (operator: DocumentPart): void => {
      const start = places.get(operator);
      if (start !== undefined) {
        faults.push(circleAt(operator, way.slice(start, start + MAX_TOLD), way.length - start));
      } else if (!done.has(operator)) {
        places.set(operator, way.length);
        way.push({ operator, inputs: itemsOf(partAt(operator, 'inputs')).values() });
      }
    };
    enter(first);
    for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
      const input = here.inputs.next();
      if (input.done === true) {
        done.add(here.operator);
        places.delete(here.operator);
        way.pop();
        continue;
      }
      const name = textOf(input.value);
      const next = name === null ? undefined : byName.get(name);
      if (next !== undefined) enter(next);
    }
  }
  return faults;
}

function circleAt(
  operator: DocumentPart,
  steps: readonly { readonly operator: DocumentPart }[],
  length: number,
): UnlocatedFault {
  const names = [...steps.map((step) => step.operator), operator].map((step) => nameOf(step) ?? '');
  if (length > steps.length) names.splice(-1, 0, '…');
  return { path: [...operator.path, 'inputs'], message: `makes an operator its own input: ${names.join(' ← ')}` };
}
