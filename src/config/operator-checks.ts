// What the schema cannot say about a topology's operators: unique names, inputs that exist and do not run in circles, roles.
import { findRepeated } from './check-context.js';
import { listNames, nearestName, type Finding } from './config-fault.js';
import { isGiven, itemsOf, partAt, textOf, type DocumentPart } from './document-part.js';
import { escapeRegex, regexProblem } from './regex-problem.js';

export function findOperatorFaults(topology: DocumentPart): Finding[] {
  const operators = itemsOf(partAt(topology, 'operators'));
  return [
    ...repeatedOperators(operators),
    ...operators.flatMap((operator) => [
      ...wrongMatch(partAt(operator, 'match')),
      ...sourceWithInputs(operator),
      ...wrongInputs(operator, operators),
    ]),
    ...circles(operators),
  ];
}

function repeatedOperators(operators: readonly DocumentPart[]): Finding[] {
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
  return textOf(partAt(operator, 'match')) ?? (name === null ? null : escapeRegex(name));
}

function wrongMatch(part: DocumentPart): Finding[] {
  const pattern = textOf(part);
  const problem = pattern === null ? null : regexProblem(pattern);
  return problem === null ? [] : [{ path: part.path, message: problem }];
}

function sourceWithInputs(operator: DocumentPart): Finding[] {
  const role = partAt(operator, 'role');
  if (role.value !== 'source' || itemsOf(partAt(operator, 'inputs')).length === 0) return [];
  return [{ path: role.path, message: 'contradicts its inputs: a source reads from outside' }];
}

function wrongInputs(operator: DocumentPart, operators: readonly DocumentPart[]): Finding[] {
  const known = operators.map(nameOf).filter((name) => name !== null);
  const inputs = itemsOf(partAt(operator, 'inputs'));
  return [
    ...inputs.flatMap((input) => {
      const name = textOf(input);
      if (name === null || known.includes(name)) return [];
      const message = `is not an operator of this topology; there are ${listNames(known)}`;
      return [{ path: input.path, message, suggestion: nearestName(name, known) }];
    }),
    ...findRepeated(inputs, textOf).map(({ item }) => ({ path: item.path, message: 'is given twice' })),
  ];
}

/** One finding for each circle, at the inputs of the operator where it was first entered. */
function circles(operators: readonly DocumentPart[]): Finding[] {
  const byName = new Map(operators.map((operator) => [nameOf(operator), operator]));
  const done = new Set<DocumentPart>();
  const findings: Finding[] = [];
  const follow = (operator: DocumentPart, way: readonly DocumentPart[]): void => {
    const start = way.indexOf(operator);
    if (start >= 0) {
      const circle = [...way.slice(start), operator].map((step) => nameOf(step) ?? '');
      const message = `makes an operator its own input: ${circle.join(' ← ')}`;
      findings.push({ path: [...operator.path, 'inputs'], message });
      return;
    }
    if (done.has(operator)) return;
    for (const input of itemsOf(partAt(operator, 'inputs'))) {
      const next = byName.get(textOf(input));
      if (next !== undefined && textOf(input) !== null) follow(next, [...way, operator]);
    }
    done.add(operator);
  };
  for (const operator of operators) follow(operator, []);
  return findings;
}
