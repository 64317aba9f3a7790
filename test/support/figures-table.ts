// Figures of a run as a Markdown table, for the run's README.md.

export function renderFigures(figures: readonly (readonly [string, number | string])[]): string {
  const rows = figures.map(([name, value]) => `| ${name} | ${value} |`);
  return ['| figure | value |', '| --- | ---: |', ...rows, ''].join('\n');
}
