// Finds the named programs, or installs them where that is allowed: before `npm run demo`, whose user has none of them yet.
import { describeError } from '../../src/errors.js';
import { PROGRAMS } from './find-program.js';
import { programPath } from './real-parts.js';

const names = process.argv.slice(2);
for (const name of PROGRAMS.filter((program) => names.includes(program))) {
  await programPath(name).catch((error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  });
}
