// Node's arguments for a process, in any folder, that runs TypeScript from its sources.
import { fileURLToPath } from 'node:url';

export const RUN_TYPESCRIPT = [`--import=${new URL('load-typescript.mjs', import.meta.url).href}`];

/** Where `npm test` runs the tests from: see compile-tests.mjs. */
const COMPILED = '/.test-build/';

/** Node's arguments for a script of the tests: compiled where the tests are, else its source. */
export function scriptArguments(script: URL): readonly string[] {
  const source = fileURLToPath(script);
  const [root, isCompiled] = (process.argv[1] ?? '').split(COMPILED, 2);
  if (root === undefined || isCompiled === undefined) return [...RUN_TYPESCRIPT, source];
  return [root + COMPILED + source.slice(root.length + 1).replace(/\.ts$/, '.js')];
}
