// PURE: a recording in stretches. A look sees the mean of a window, so a stretch is judged only by looks whose whole window is in
// it.
import { RECORDED, WINDOW_S, type ComparedStep, type Concluded, type Recorded } from './confusion-table.js';
import { ROW_S } from './recorded-run.js';

/** Steps in a row whose recorded backpressure is of one class. */
export interface Stretch {
  readonly recorded: Recorded;
  readonly steps: readonly ComparedStep[];
}

/** In the order of time. */
export function stretchesOf(steps: readonly ComparedStep[]): Stretch[] {
  const stretches: { recorded: Recorded; steps: ComparedStep[] }[] = [];
  for (const step of steps) {
    const last = stretches.at(-1);
    const follows = last?.steps.at(-1)?.atS === step.atS - ROW_S;
    if (last !== undefined && follows && last.recorded === step.row) last.steps.push(step);
    else stretches.push({ recorded: step.row, steps: [step] });
  }
  return stretches;
}

/** The steps of a stretch whose window begins in it: at its first instant the latest row is that of a window before. */
export function settledSteps({ steps }: Stretch): readonly ComparedStep[] {
  return steps.slice(WINDOW_S / ROW_S);
}

/** Markdown. */
export function renderStretchTable(name: string, steps: readonly ComparedStep[]): string {
  const all = stretchesOf(steps);
  const rows = RECORDED.map((recorded) => {
    const stretches = all.filter((stretch) => stretch.recorded === recorded);
    const settled = stretches.flatMap(settledSteps);
    const concluded = (...wanted: readonly Concluded[]): number =>
      settled.filter((step) => wanted.includes(step.concluded)).length;
    const found = stretches.filter((stretch) => stretch.steps.some(isUnderprovisioned));
    const held = concluded('underprovisioned: backpressure');
    const draining = concluded('backpressure, backlog draining');
    const cells = [stretches.length, found.length, settled.length, held, draining, settled.length - held - draining];
    return [`${recorded} ms/s`, ...cells.map((count) => String(count || '–'))];
  });
  const head = [
    `\`${name}\`: stretches`,
    'number',
    'underprovisioned in it',
    'steps with their window in it',
    'underprovisioned: backpressure',
    'backpressure, backlog draining',
    'neither',
  ];
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function isBackpressure(step: ComparedStep): boolean {
  return isUnderprovisioned(step) || step.concluded === 'backpressure, backlog draining';
}

export function isUnderprovisioned({ concluded }: ComparedStep): boolean {
  return concluded === 'underprovisioned: backpressure';
}
