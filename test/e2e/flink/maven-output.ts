// PURE: what Maven and Java say, read for what it means to the rig.

/** 17 of `openjdk version "17.0.15" 2025-04-15`, 8 of `java version "1.8.0_402"`; null: it says no version. */
export function javaMajorVersion(output: string): number | null {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return null;
  return Number(first === '1' ? second : first);
}

/** What Maven says where artefacts, its own plugins among them, cannot be fetched; compilers and jars never say so. */
const OUT_OF_REACH =
  /Could not (?:transfer|find) artifact|Could not resolve dependencies|could not be resolved|in offline mode|Unknown host/;

/** What Maven says where it could ask, and there is no such release of Flink; it remembers that for a day. */
const NO_SUCH_FLINK = /Could not find artifact org\.apache\.flink:|org\.apache\.flink:\S+ was not found in/;

export interface MavenFailure {
  /** Nothing could be fetched; there is no such release of Flink; or the job is at fault. */
  readonly kind: 'out_of_reach' | 'no_such_flink' | 'broken';
  /** The line that says why. */
  readonly because: string;
}

export function classifyMavenFailure(output: string): MavenFailure {
  const errors = output
    .split('\n')
    .filter((line) => line.includes('[ERROR]'))
    .map((line) => line.replace(/^.*?\[ERROR\]\s*/, '').trim())
    .filter((line) => line !== '' && !/^(?:->|To see|Re-run|For more|\[Help)/.test(line));
  const [decisive = errors[0]] = errors.filter((line) => OUT_OF_REACH.test(line));
  const because = decisive ?? (output.trim().split('\n').at(-1) ?? '').slice(0, 500);
  if (NO_SUCH_FLINK.test(output)) return { kind: 'no_such_flink', because };
  return { kind: OUT_OF_REACH.test(output) ? 'out_of_reach' : 'broken', because };
}
