// Builds the job and fetches Flink with Maven: once for each version of Flink, then what is there is used again. Says apart
// what cannot be had here (no Java, no Maven, Maven Central out of reach: the run is skipped) and what is wrong (there is no
// such version, the job does not compile).
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_VERSION, type FlinkVersion } from './flink-version.js';
import { classifyMavenFailure, javaMajorVersion } from './maven-output.js';

/** All paths are absolute. */
export interface Rig {
  readonly flink: FlinkVersion;
  /** The program. */
  readonly java: string;
  /** Folder with Flink's jars and what they need. */
  readonly lib: string;
  /** The job's jar. */
  readonly jar: string;
}

export type RigBuild =
  { readonly kind: 'built'; readonly rig: Rig } | { readonly kind: 'not_to_be_had'; readonly because: string };

const JOB_FOLDER = fileURLToPath(new URL('job', import.meta.url));
const MIN_JAVA = 17;
const MAVEN_TIMEOUT_MS = 8 * 60_000;
const ADVICE = `Install a JDK of version ${MIN_JAVA} and Maven (Debian: apt-get install openjdk-17-jdk-headless maven).`;

/** Rejects if the job is at fault, or there is no such version. */
export async function buildRig(flink: FlinkVersion): Promise<RigBuild> {
  const java = await run('java', ['-version']);
  const version = javaMajorVersion(java.output);
  if (!java.isFound || version === null) return { kind: 'not_to_be_had', because: `there is no java. ${ADVICE}` };
  if (version < MIN_JAVA) return { kind: 'not_to_be_had', because: `java is of version ${version}. ${ADVICE}` };
  const maven = await run(
    'mvn',
    ['--batch-mode', '--quiet', 'package', `-Dflink.version=${flink.text}`],
    MAVEN_TIMEOUT_MS,
  );
  if (!maven.isFound) return { kind: 'not_to_be_had', because: `there is no mvn. ${ADVICE}` };
  if (maven.code !== 0) {
    const { kind, because } = classifyMavenFailure(maven.output);
    // What is the default was there: a mirror lacks it.
    if (kind === 'no_such_flink' && flink.text !== DEFAULT_VERSION.text) {
      throw new Error(`--flink=${flink.text}: Maven finds no such version of Flink: ${because}`);
    }
    if (kind !== 'broken') return { kind: 'not_to_be_had', because };
    throw new Error(`mvn package failed in ${JOB_FOLDER}: ${because}`);
  }
  const target = join(JOB_FOLDER, 'target', flink.text);
  const jars = await readdir(join(target, 'lib'));
  const runtime = `flink-runtime-${flink.text}.jar`;
  if (!jars.includes(runtime)) throw new Error(`${target}/lib has no ${runtime}`);
  return { kind: 'built', rig: { flink, java: 'java', lib: join(target, 'lib'), jar: join(target, 'flink-rig.jar') } };
}

interface Run {
  readonly isFound: boolean;
  readonly code: number;
  readonly output: string;
}

function run(program: string, args: readonly string[], timeout = 30_000): Promise<Run> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd: JOB_FOLDER, timeout, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ isFound: error?.code !== 'ENOENT', code, output: stdout + stderr });
    });
  });
}
