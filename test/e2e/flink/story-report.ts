// What a told story amounts to: its table, and whether anything was done while something was missing. Asks Prometheus and
// Dhalion's API once, at the end.
import type { LoopObserver, SeenAction } from '../../../src/commands/demo/loop-observer.js';
import { PRESSURE_MS, VICTIM } from './flink-steps.js';
import type { Chapter } from './flink-story.js';
import { episodeOf, restartsBetween, type Gap, type PressureCurve } from './story-figures.js';

/** A chapter as it came to pass. */
export interface ToldChapter {
  readonly chapter: Chapter;
  readonly beganAtMs: number;
  readonly split: Change;
  readonly count: Change;
}

/** A parallelism, as Flink ran it before and afterwards. */
export interface Change {
  readonly before: number | null;
  readonly after: number | null;
}

/** What was observed of the whole story. */
interface Observed {
  readonly curve: PressureCurve;
  readonly actions: readonly SeenAction[];
  /** Of the job's series, one a restart. */
  readonly gaps: readonly Gap[];
  /** When the next chapter began. */
  readonly untilMs: number;
}

export interface StoryReport {
  /** Markdown. */
  readonly lines: readonly string[];
  /** Actions decided without a look, or by a look that missed something: there must be none. */
  readonly blindActions: number;
}

/** One series an attempt of the source's only subtask. */
const ATTEMPTS = 'count by (task_attempt_id) (flink_taskmanager_job_task_idleTimeMsPerSecond{task_name=~"Source.*"})';
const IS_MISSING = 'count(dhalion_sensor_missing) > 0';
const STEP_S = 2;

export async function reportStory(
  told: readonly ToldChapter[],
  observer: LoopObserver,
  prometheusUrl: string,
  nowMs: number,
): Promise<StoryReport> {
  const [first] = told;
  if (first === undefined) return { lines: [], blindActions: 0 };
  const span = { fromS: first.beganAtMs / 1000, untilS: nowMs / 1000 };
  const [curve = []] = await queryRange(prometheusUrl, VICTIM, span);
  const [missing = []] = await queryRange(prometheusUrl, IS_MISSING, span);
  const attempts = await queryRange(prometheusUrl, ATTEMPTS, span);
  const actions = [...(await observer.actions())].reverse();
  const gaps = restartsBetween(
    attempts.map((samples) => ({ fromS: samples[0]?.[0] ?? 0, untilS: samples.at(-1)?.[0] ?? 0 })),
  );
  const decisions = await observer.decisions();
  const acts = decisions.filter(({ decision }) => decision === 'act');
  const blind = acts.filter(({ evidence }) => evidence?.missing_sensors.length !== 0);
  const held = decisions.filter(({ reason }) => reason === 'unknown_measurements').length;
  return {
    blindActions: blind.length,
    lines: [
      '| what happens | onset → call | onset → end | actions | restarts | split | needed | count |',
      '| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |',
      ...told.map((chapter, index) => {
        const untilMs = told[index + 1]?.beganAtMs ?? nowMs;
        return renderRow(chapter, { curve, actions, gaps, untilMs });
      }),
      '',
      `${gaps.length} restarts took the job's series away for ${gaps.map(({ fromS, untilS }) => Math.round(untilS - fromS)).join(', ')} s; ` +
        `something was missing to Dhalion for ${missing.length * STEP_S} s in all, for which it held ${held} alerts; ` +
        `of the looks on which its ${acts.length} decisions to act rest, ${blind.length} missed anything.`,
    ],
  };
}

function renderRow(
  { chapter, beganAtMs, split, count }: ToldChapter,
  { curve, actions, gaps, untilMs }: Observed,
): string {
  const own = actions.filter(({ claimed_at: at }) => Date.parse(at) >= beganAtMs && Date.parse(at) < untilMs);
  const answer = own.find(({ resolver }) => resolver === chapter.answer);
  const episode = episodeOf(curve, PRESSURE_MS, {
    fromS: beganAtMs / 1000,
    untilS: untilMs / 1000,
    calledAtS: answer === undefined ? null : Date.parse(answer.claimed_at) / 1000,
  });
  const cells = [
    chapter.summary,
    seconds(episode.onsetToCallS),
    seconds(episode.onsetToEndS),
    own.map(renderAction).join(', '),
    String(gaps.filter(({ fromS }) => fromS >= beganAtMs / 1000 && fromS < untilMs / 1000).length),
    renderChange(split),
    String(chapter.needed),
    renderChange(count),
  ];
  return `| ${cells.join(' | ')} |`;
}

function renderChange({ before, after }: Change): string {
  return `${before ?? '?'} → ${after ?? '?'}`;
}

function renderAction({ resolver, operators, outcome, state }: SeenAction): string {
  return `\`${resolver}\` of ${operators.map(({ operator }) => operator).join(' and ')} (${outcome ?? state})`;
}

function seconds(value: number | null): string {
  return value === null ? '–' : `${Math.round(value)} s`;
}

/** A curve for each series. */
async function queryRange(
  prometheusUrl: string,
  query: string,
  { fromS, untilS }: { readonly fromS: number; readonly untilS: number },
): Promise<readonly PressureCurve[]> {
  const parameters = new URLSearchParams({ query, start: String(fromS), end: String(untilS), step: String(STEP_S) });
  const answer = await fetch(`${prometheusUrl}/api/v1/query_range?${parameters.toString()}`, {
    signal: AbortSignal.timeout(30_000),
  });
  const { data } = (await answer.json()) as { data: { result: { values: [number, string][] }[] } };
  return data.result.map(({ values }) => values.map(([atS, value]) => [atS, Number(value)]));
}
