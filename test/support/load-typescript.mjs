// Runs TypeScript from its sources: `node --import=./test/support/load-typescript.mjs FILE`. Transpiled files are cached on
// disk, so that hundreds of test processes do not transpile the same modules again.
import * as module from 'node:module';
import { register } from 'tsx/esm/api';

register();
module.register('./resolve-typescript-entry.mjs', import.meta.url);
