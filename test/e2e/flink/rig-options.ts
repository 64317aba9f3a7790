// PURE: what the command lines of the rig say: `npm run flink` and `npm run e2e:flink`.
import { parseDuration } from '../../../src/grammar/duration.js';
import { DEFAULT_VERSION, parseFlinkVersion, type FlinkVersion } from './flink-version.js';

export interface RigOptions {
  readonly flink: FlinkVersion;
  /** How often the job has a checkpoint made. From Flink 2 on, a rescale waits for one. */
  readonly checkpointMs: number;
}

/** What is left of a command line without the rig's own flags, which may stand anywhere. */
export interface RigCommandLine {
  readonly rig: RigOptions;
  readonly flags: ReadonlyMap<string, string>;
  readonly words: readonly string[];
}

const DEFAULT_CHECKPOINTS = '60s';
/** Flink takes no shorter interval. */
const SHORTEST_CHECKPOINT_MS = 10;

/**
 * @param known names of the command's own flags, without dashes
 * @throws Error that names the flag as it was written
 */
export function parseRigCommandLine(argv: readonly string[], known: readonly string[]): RigCommandLine {
  const flags = new Map<string, string>();
  const words: string[] = [];
  const allowed = ['flink', 'checkpoints', ...known];
  for (const word of argv) {
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const [, name, value] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined || !allowed.includes(name)) {
      throw new Error(`${word}: the flags are ${allowed.map((flag) => `--${flag}=…`).join(', ')}`);
    }
    if (flags.has(name)) throw new Error(`${word}: --${name} is given twice`);
    flags.set(name, value);
  }
  const [version, checkpoints] = [flags.get('flink'), flags.get('checkpoints') ?? DEFAULT_CHECKPOINTS];
  flags.delete('flink');
  flags.delete('checkpoints');
  const flink = version === undefined ? DEFAULT_VERSION : parseFlinkVersion(version);
  return { rig: { flink, checkpointMs: parseCheckpoints(checkpoints) }, flags, words };
}

function parseCheckpoints(written: string): number {
  const intervalMs = parseDuration(written);
  if (intervalMs === null || intervalMs < SHORTEST_CHECKPOINT_MS) {
    throw new Error(`--checkpoints=${written}: the time between two checkpoints is a duration, such as 60s`);
  }
  return intervalMs;
}
