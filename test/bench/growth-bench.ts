// How processing time grows with the length of foreign text: a configuration of many parts, and a value that a pattern is matched
// with. Both are linear, so a long text cannot block the service.
import fc from 'fast-check';
import { createLabelPattern } from '../../src/config/label-pattern.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { LARGE_CONFIGURATIONS } from '../support/large-configurations.js';
import { NESTED_PATTERN } from '../support/nested-patterns.js';

export interface GrowthBench {
  readonly what: string;
  /** How many times as long the long one is. */
  readonly longer: number;
  /** How many times the CPU time it takes. */
  readonly ratio: number;
}

export interface GrowthSize {
  /** Lines of the short configuration, a multiple of four. */
  readonly lines: number;
  readonly longer: number;
  readonly patterns: number;
  /** Characters of the short value. */
  readonly characters: number;
}

/** All patterns together; each kind of configuration separately. */
export function benchGrowth({ lines, longer, patterns, characters }: GrowthSize): readonly GrowthBench[] {
  const parse = (text: string): unknown => parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  const configurations = Object.entries(LARGE_CONFIGURATIONS).map(([what, textOf]) => {
    parse(textOf(lines));
    return {
      what,
      longer,
      ratio: growth(
        () => parse(textOf(lines)),
        () => parse(textOf(longer * lines)),
      ),
    };
  });
  const compiled = fc.sample(NESTED_PATTERN, patterns).map(createLabelPattern);
  const tryAll = (length: number): void => {
    for (const pattern of compiled) pattern.test(`${'ab'.repeat(length / 2)}a#`);
  };
  const ratio = growth(
    () => {
      tryAll(characters);
    },
    () => {
      tryAll(longer * characters);
    },
  );
  return [...configurations, { what: 'characters that nested patterns are tried on', longer, ratio }];
}

function growth(short: () => unknown, long: () => unknown): number {
  const shortMs = cpuMsOf(short);
  return cpuMsOf(long) / shortMs;
}

/** Of this process, ms: what else the machine does makes it wait, and does not count. */
function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1000;
}
