// What a told story amounts to: its table, and whether anything was done while something was missing. Asks Prometheus and
// Dhalion's API once, at the end.
import type { LoopObserver, SeenAction, SeenDecision } from '../../../src/commands/demo/loop-observer.js';
import { describeAction } from '../../../src/commands/demo/story-steps.js';
import { PRESSURE_MS, VICTIM } from './flink-steps.js';
import type { Chapter } from './flink-story.js';
import type { HoldUps } from './hold-ups.js';
import { appliedAfter, episodeOf, restartsBetween, type Curve, type Gap } from './story-figures.js';

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
  readonly curve: Curve;
  readonly actions: readonly SeenAction[];
  /** Of the job's series, one a restart. */
  readonly gaps: readonly Gap[];
  /** Instances by operator, as Prometheus had them from Flink. */
  readonly instances: ReadonlyMap<string, Curve>;
  readonly holdUps: Pick<HoldUps, 'of'>;
  /** When the next chapter began. */
  readonly untilMs: number;
}

export interface StoryReport {
  /** Markdown. */
  readonly lines: readonly string[];
  /**
   * What must not be: actions decided without a look, or by a look that missed something; actions given up because what they
   * asked for did not come.
   */
  readonly faults: readonly string[];
}

/** One series an attempt of the source's only subtask. */
const ATTEMPTS = 'count by (task_attempt_id) (flink_taskmanager_job_task_idleTimeMsPerSecond{task_name=~"Source.*"})';
const IS_MISSING = 'count(dhalion_sensor_missing) > 0';
const STEP_S = 2;

/** Flink's names of split and count are Dhalion's too. */
function instancesOf(operator: string): string {
  return `count(flink_taskmanager_job_task_idleTimeMsPerSecond{task_name=${JSON.stringify(operator)}})`;
}

export async function reportStory(
  told: readonly ToldChapter[],
  observer: LoopObserver,
  holdUps: Pick<HoldUps, 'of'>,
  prometheusUrl: string,
  nowMs: number,
): Promise<StoryReport> {
  const [first] = told;
  if (first === undefined) return { lines: [], faults: [] };
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
  const names = [...new Set(actions.flatMap(({ operators }) => operators.map(({ operator }) => operator)))];
  const instances = new Map<string, Curve>();
  for (const name of names) {
    const [counted = []] = await queryRange(prometheusUrl, instancesOf(name), span);
    instances.set(name, counted);
  }
  const held = decisions.filter(({ reason }) => reason === 'unknown_measurements').length;
  return {
    faults: faultsOf(actions, acts),
    lines: [
      '| what happens | onset → call | onset → end | actions | call → applied | restarts | split | needed | count |',
      '| --- | ---: | ---: | --- | --- | ---: | ---: | ---: | ---: |',
      ...told.map((chapter, index) => {
        const untilMs = told[index + 1]?.beganAtMs ?? nowMs;
        return renderRow(chapter, { curve, actions, gaps, instances, holdUps, untilMs });
      }),
      '',
      `${gaps.length} restarts took the job's series away for ${gaps.map(({ fromS, untilS }) => Math.round(untilS - fromS)).join(', ')} s; ` +
        `something was missing to Dhalion for ${missing.length * STEP_S} s in all, for which it held ${held} alerts; ` +
        `of the looks on which its ${acts.length} decisions to act rest, ${acts.filter(isBlind).length} missed anything.`,
    ],
  };
}

/** @param acts decisions to act */
export function faultsOf(actions: readonly SeenAction[], acts: readonly SeenDecision[]): string[] {
  const blind = acts.filter(isBlind).length;
  const notApplied = actions.filter(({ outcome }) => outcome === 'not_applied');
  return [
    ...(blind === 0 ? [] : [`${blind} actions were decided while something was missing`]),
    ...notApplied.map(describeAction),
  ];
}

/** Without a look, or by one that missed something. */
function isBlind({ evidence }: SeenDecision): boolean {
  return evidence?.missing_sensors.length !== 0;
}

function renderRow({ chapter, beganAtMs, split, count }: ToldChapter, observed: Observed): string {
  const { curve, actions, gaps, untilMs } = observed;
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
    own.map(renderAction).join('; '),
    own.map((action) => renderEffect(action, observed)).join('; '),
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

/** How long it took to be seen, and what held it up meanwhile, in the words of Dhalion's API. */
export function renderEffect(
  action: SeenAction,
  { instances, holdUps, untilMs }: Pick<Observed, 'instances' | 'holdUps' | 'untilMs'>,
): string {
  const { id, operators, completed_at: completedAt, claimed_at: claimedAt, judged_at: judgedAt } = action;
  const aims = operators.map(({ operator, current_parallelism: from, desired_parallelism: to }) => {
    return { from, to, instances: instances.get(operator) ?? [] };
  });
  const after = appliedAfter(aims, {
    calledAtS: Date.parse(completedAt ?? claimedAt) / 1000,
    untilS: (judgedAt === null ? untilMs : Date.parse(judgedAt)) / 1000,
  });
  return [seconds(after), ...holdUps.of(id)].join(', ').replaceAll('|', '\\|');
}

function seconds(value: number | null): string {
  return value === null ? '–' : `${Math.round(value)} s`;
}

/** A curve for each series. */
async function queryRange(
  prometheusUrl: string,
  query: string,
  { fromS, untilS }: { readonly fromS: number; readonly untilS: number },
): Promise<readonly Curve[]> {
  const parameters = new URLSearchParams({ query, start: String(fromS), end: String(untilS), step: String(STEP_S) });
  const answer = await fetch(`${prometheusUrl}/api/v1/query_range?${parameters.toString()}`, {
    signal: AbortSignal.timeout(30_000),
  });
  const { data } = (await answer.json()) as { data: { result: { values: [number, string][] }[] } };
  return data.result.map(({ values }) => values.map(([atS, value]) => [atS, Number(value)]));
}
