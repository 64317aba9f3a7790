// A process of its own: accepts alerts in a loop and reports on stdout which are durable, until killed. Argument: folder of
// the log.
import { writeSync } from 'node:fs';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { AT_MS, sampleAlert } from './action-log-samples.js';

const log = await createActionLog({ path: process.argv[2] ?? '' });
const acceptForEver = async (worker: number): Promise<never> => {
  for (let call = 0; ; call += 1) {
    const operators = [0, 1, 2].map((index) => `${worker}-${call}-${index}`);
    await log.acceptAlerts(
      operators.map((operator) => sampleAlert({ operator })),
      AT_MS,
    );
    writeSync(1, operators.map((operator) => `${operator}\n`).join(''));
  }
};
await Promise.all([0, 1, 2, 3].map(acceptForEver));
