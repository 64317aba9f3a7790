// `npm run fuzz -- [bodies [seed [minutes]]]`, with `long` for a million bodies: prints the figures, and what is not as it should
// be; exit status 1 if there is such. With a number of minutes it ends with fewer bodies if they take longer.
import { renderFigures } from '../support/figures-table.js';
import { fuzz } from './fuzz.js';

const LONG = 1_000_000;

const [asked = '100000', seed = '1', minutes] = process.argv.slice(2);
const bodies = asked === 'long' ? LONG : Number(asked);
const { violations: found, figures } = await fuzz({
  bodies,
  seed: Number(seed),
  // Ten times as long as an idle machine takes.
  maxDurationMs: minutes === undefined ? 1_200_000 + 12 * bodies : 60_000 * Number(minutes),
  onProgress: (posted) => {
    process.stderr.write(`${posted} of ${bodies} bodies\n`);
  },
});
const posted = Number(new Map(figures).get('bodies posted'));
const isCutShort = posted < bodies && minutes === undefined;
const violations = isCutShort ? [...found, `only ${posted} of ${bodies} bodies were posted in time`] : found;
process.stdout.write(renderFigures([...figures, ['violations', violations.length]]));
for (const violation of violations.slice(0, 50)) process.stdout.write(`- ${violation}\n`);
process.exit(violations.length === 0 ? 0 : 1);
