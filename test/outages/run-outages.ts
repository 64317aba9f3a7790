// `npm run outages -- [seconds [part …]]`: prints the table, and what is not as it should be; exit status 1 if there is such.
import { outages, type OutageFigures } from './outages.js';
import { PART_NAMES } from './parts.js';

const [seconds = '60', ...chosen] = process.argv.slice(2);
const teardowns: (() => unknown)[] = [];
const lifetime = {
  teardown: (end: () => unknown) => {
    teardowns.push(end);
  },
};

const { violations, figures } = await outages(lifetime, {
  parts: chosen.length === 0 ? PART_NAMES : PART_NAMES.filter((part) => chosen.includes(part)),
  durationMs: Number(seconds) * 1000,
  onOutage: ({ part, kind }) => process.stderr.write(`${part} ${kind} for ${seconds} s\n`),
}).finally(async () => {
  for (const end of teardowns.reverse()) await end();
});
process.stdout.write(renderTable(figures));
for (const violation of violations) process.stdout.write(`- ${violation}\n`);
process.exit(violations.length === 0 ? 0 : 1);

function renderTable(rows: readonly OutageFigures[]): string {
  const header = [
    'missing',
    '`/-/ready` says so',
    'metrics',
    'log',
    'slowest `/-/healthy`',
    'all well again',
    'scaled',
  ];
  const cells = rows.map((row) => [
    `${row.part}, ${row.kind}`,
    ...[row.saidInReadiness, row.saidInMetrics, row.saidInLog].map((after) =>
      after === null ? '–' : `${after.toFixed(1)} s`,
    ),
    `${Math.round(row.slowestHealthy * 1000)} ms`,
    ...[row.untilBack, row.untilScaled].map((after) => `${after.toFixed(1)} s`),
  ]);
  const lines = [header, ['---', ...header.slice(1).map(() => '---:')], ...cells];
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('');
}
