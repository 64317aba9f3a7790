// `npm run soak -- [seconds [seed]]`: prints the figures, and what is not as it should be; exit status 1 if there is such.
import { renderFigures } from '../support/figures-table.js';
import { soak } from './soak.js';

const [seconds = 600, seed = 1] = process.argv.slice(2).map(Number);
const { violations, figures } = await soak({ durationMs: seconds * 1000, pages: 200, scrapers: 4, seed });
process.stdout.write(renderFigures([...figures, ['violations', violations.length]]));
for (const violation of violations.slice(0, 50)) process.stdout.write(`- ${violation}\n`);
process.exit(violations.length === 0 ? 0 : 1);
