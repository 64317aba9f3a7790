// The engines that need no `engines:` entry.
import type { WholeEngineEntry } from '../../config/engine-schema.js';
import { FLINK_ENGINE } from './flink-engine.js';
import { HERON_ENGINE } from './heron-engine.js';
import { RECORDED_ENGINE } from './recorded-engine.js';

export const BUILT_IN_ENGINES = {
  flink: FLINK_ENGINE,
  heron: HERON_ENGINE,
  recorded: RECORDED_ENGINE,
} as const satisfies Readonly<Record<string, WholeEngineEntry>>;
