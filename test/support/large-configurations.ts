// Configurations of many parts, as a program writes them or somebody who wishes us ill.

export const HEAD = 'prometheus: {url: "http://127.0.0.1:9090"}\n';
export const ONE = `${HEAD}topologies: [{name: a, engine: flink}]\n`;
export const OPERATORS = `${HEAD}topologies:\n  - name: a\n    engine: flink\n    operators:\n`;

export function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
}

/** By what they are many of: texts of about `count` lines, a multiple of four. */
export const LARGE_CONFIGURATIONS: Readonly<Record<string, (count: number) => string>> = {
  'unknown keys': (count) => ONE + lines(count, (index) => `key${index}: 1`),
  'unknown keys of items': (count) => OPERATORS + lines(count, (index) => `      - {name: o${index}, key: 1}`),
  'wrong values': (count) =>
    `${ONE}webhooks:\n  w:\n    url: http://h/\n    headers:\n${lines(count, (i) => `      h${i}: 1`)}`,
  'keys given twice': (count) => OPERATORS + lines(count, (index) => `      - {name: o${index}, name: o${index}}`),
  'unknown aliases': (count) => lines(count, (index) => `a${index}: *b${index}`),
  'aliases of their own': (count) =>
    ONE + lines(count / 4, (i) => `a${i}: &x${i} 1`) + lines(count / 4, (i) => `b${i}: *x${i}`),
  'misspelt webhooks among as many': (count) =>
    `${HEAD}webhooks:\n${lines(count / 4, (i) => `  hook${i}: {url: "http://h/"}`)}topologies:\n${lines(
      count / 4,
      (i) => `  - {name: t${i}, engine: flink, webhook: hok${i}}`,
    )}`,
  'misspelt engines among as many': (count) =>
    `${HEAD}engines:\n${lines(count / 4, (i) => `  engine${i}: {}`)}topologies:\n${lines(
      count / 4,
      (i) => `  - {name: t${i}, engine: egine${i}}`,
    )}`,
  'misspelt inputs among as many': (count) => OPERATORS + lines(count, (i) => `      - {name: o${i}, inputs: [p${i}]}`),
  'operators in a chain': (count) =>
    OPERATORS + lines(count, (i) => `      - {name: o${i}, inputs: [${i === 0 ? '' : `o${i - 1}`}]}`),
  'misspelt time zones': (count) =>
    `${ONE}policy:\n  excluded_periods:\n${lines(count / 4, (i) => `    - {location: Europe/Berln${i}}`)}`,
};
