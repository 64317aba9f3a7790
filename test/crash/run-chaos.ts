// `npm run chaos -- [cycles [seed [minutes]]]`: prints the figures and all violations; exit status 1 if there are any. Its
// long form is 2,000 cycles; with a number of minutes it ends with fewer if they take longer.
import { renderFigures } from '../support/figures-table.js';
import { chaos } from './chaos.js';

const [cycles = 200, seed = 1, minutes = Infinity] = process.argv.slice(2).map(Number);
const { violations, figures } = await chaos({
  cycles,
  seed,
  topologies: 6,
  maxDurationMs: minutes * 60_000,
  onCycle: (cycle) => {
    if (cycle % 20 === 0) process.stderr.write(`${cycle} of ${cycles} cycles\n`);
  },
});
process.stdout.write(renderFigures([...figures, ['violations', violations.length]]));
for (const violation of violations) process.stdout.write(`- ${violation}\n`);
process.exit(violations.length === 0 ? 0 : 1);
