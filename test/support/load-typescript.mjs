// Runs TypeScript from its sources: `node --import=./test/support/load-typescript.mjs FILE`. Transpiled files are cached on
// disk, so that the next process does not transpile the same modules again. An entry that is compiled already
// (compile-tests.mjs) needs none of it; a thread's entry is named by its compiled file, which a source does not have beside it.
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import process from 'node:process';

const entry = process.argv[1] ?? '';
if (!entry.endsWith('.js') || !existsSync(entry)) {
  const { register } = await import('tsx/esm/api');
  register();
  module.register('./resolve-typescript-entry.mjs', import.meta.url);
}
