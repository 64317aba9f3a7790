// The scenarios of at most two hours; `npm run test:long` has the others.
import t from 'tap';
import { checkScenarios } from './scenario-table.js';

// Hours of simulated time, however busy the machine is.
t.setTimeout(600_000);

await checkScenarios(t, 'short');
