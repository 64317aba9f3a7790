// Runs test files as subtests, each in a process of its own: the generated .test-build/*.test.js (compile-tests.mjs). tap would start
// them itself, but under a loader that records each module for coverage, which is not measured here: half a second of CPU time
// a process.
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { PLAIN_NODE } from './plain-node.js';

const BUILD = new URL('../../.test-build/', import.meta.url);
/** Most files wait more than they compute, so two cores have work for more than two. */
const PROCESSES_AT_ONCE = 7;
/** For a file without a timeout of its own. */
const TIMEOUT_S = 300;

/** @param files below .test-build/, in the order in which they start */
export function runProcesses(files: readonly string[]): void {
  t.jobs = PROCESSES_AT_ONCE;
  t.setTimeout(0);
  const [program, ...before] = PLAIN_NODE;
  for (const file of files) {
    void t.spawn(program, [...before, '--enable-source-maps', fileURLToPath(new URL(file, BUILD))], {
      name: file,
      // A file that fails reports where: this call says nothing about it.
      at: null,
      stack: '',
      buffered: true,
      timeout: TIMEOUT_S * 1000,
      env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_S) },
    });
  }
}
