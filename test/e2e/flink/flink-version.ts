// PURE: the versions of Flink that the rig runs, as `--flink` names them.

export interface FlinkVersion {
  /** As Maven has it: `2.3.0`. */
  readonly text: string;
  /** Options of the adaptive scheduler have other names from 2 on. */
  readonly major: 1 | 2;
}

/** pom.xml has the same. */
export const DEFAULT_VERSION: FlinkVersion = { text: '1.20.3', major: 1 };

/** The job's API of 1.20 and 2.x is the same; before it, some of it was not there. */
const OLDEST_MINOR_OF_1 = 20;

/** @throws Error that names the flag, for what is no release that the rig runs */
export function parseFlinkVersion(written: string): FlinkVersion {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(written) ?? [];
  if (major === undefined) throw new Error(`--flink=${written}: a version of Flink has three numbers, such as 2.3.0`);
  if (major === '2') return { text: written, major: 2 };
  if (major === '1' && Number(minor) >= OLDEST_MINOR_OF_1) return { text: written, major: 1 };
  throw new Error(`--flink=${written}: the rig runs Flink 1.${OLDEST_MINOR_OF_1} and 2.x`);
}
