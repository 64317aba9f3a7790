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

/** Whether the failure is that of fetching, and the lines that say why. */
export function classifyMavenFailure(output: string): { readonly isOutOfReach: boolean; readonly because: string } {
  const errors = output
    .split('\n')
    .filter((line) => line.includes('[ERROR]'))
    .map((line) => line.replace(/^.*?\[ERROR\]\s*/, '').trim())
    .filter((line) => line !== '' && !/^(?:->|To see|Re-run|For more|\[Help)/.test(line));
  const [decisive = errors[0]] = errors.filter((line) => OUT_OF_REACH.test(line));
  return {
    isOutOfReach: OUT_OF_REACH.test(output),
    because: decisive ?? (output.trim().split('\n').at(-1) ?? '').slice(0, 500),
  };
}
