// tap follows every promise to the test that made it, so that an error that nobody awaits is reported at that test. That takes up to half
// of the CPU time of a test that awaits much. In the processes of `npm test`, which import this first (compile-tests.mjs), such an error
// ends the process, and so fails it (run-processes.ts).
import asyncHooks, { type AsyncHook } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';

const idle: AsyncHook = { enable: () => idle, disable: () => idle };
asyncHooks.createHook = () => idle;
syncBuiltinESMExports();
