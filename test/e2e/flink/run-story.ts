// `npm run e2e:flink`: Dhalion on a real Flink cluster, told as it is observed; exit status 0 only if every step was, 1 if
// not, 77 and a line SKIPPED if there can be no cluster here. With names of chapters only these; with --record=FOLDER what
// Prometheus has when something is diagnosed is kept there, for test/fixtures/flink; --flink=VERSION and --checkpoints=60s say
// which Flink, and how often it makes a checkpoint.
import { systemClock } from '../../../src/clock.js';
import { createLoopObserver, type LoopObserver } from '../../../src/commands/demo/loop-observer.js';
import { createNarrator, observeStory, type Narrator } from '../../../src/commands/demo/narrator.js';
import { describeError } from '../../../src/errors.js';
import { renderDuration } from '../../../src/grammar/duration.js';
import { createLogger } from '../../../src/logger.js';
import { buildRig, type Rig } from './build-rig.js';
import { CHAPTERS, LOAD, tellChapters, type ChapterName } from './flink-story.js';
import { parallelismsOf } from './flink-rest.js';
import { startFlinkWorld, type FlinkWorld } from './flink-world.js';
import { watchHoldUps } from './hold-ups.js';
import { recordSeries } from './record-series.js';
import { parseRigCommandLine, type RigOptions } from './rig-options.js';
import { reportStory, type ToldChapter } from './story-report.js';

const SKIPPED = 77;
/** Twice what it takes. */
const MAX_MS = 75 * 60_000;

interface Arguments {
  readonly rig: RigOptions;
  readonly chapters: readonly ChapterName[];
  readonly recordInto: string | null;
}

function parseArguments(argv: readonly string[]): Arguments {
  const { rig, flags, words } = parseRigCommandLine(argv, ['record']);
  const unknown = words.find((word) => !CHAPTERS.some((name) => name === word));
  if (unknown !== undefined) throw new Error(`${unknown}: the chapters are ${CHAPTERS.join(', ')}`);
  return {
    rig,
    chapters: words.length === 0 ? CHAPTERS : CHAPTERS.filter((name) => words.includes(name)),
    recordInto: flags.get('record') ?? null,
  };
}

async function runStory(rig: Rig, options: Arguments, signal: AbortSignal): Promise<void> {
  const write = (text: string): void => void process.stdout.write(text);
  const narrator = createNarrator({ write, clock: systemClock, isTerminal: process.stdout.isTTY });
  const isWhole = options.chapters[0] === 'too_small';
  const world = await startFlinkWorld({
    rig,
    checkpointMs: options.rig.checkpointMs,
    search: { env: process.env, isRoot: process.getuid?.() === 0, log: narrator.say },
    clock: systemClock,
    logger: createLogger({ level: 'warn', format: 'logfmt' }, process.stderr),
    nodeVersion: process.version,
    load: isWhole ? LOAD.quiet : LOAD.low,
    // Where nothing has taught it better, it would go down to 2.
    parallelism: isWhole ? { first: 1, least: 1 } : { first: 3, least: 3 },
  });
  const observer = createLoopObserver(world);
  const holdUps = watchHoldUps(observer, systemClock);
  try {
    const { flink, checkpointMs } = options.rig;
    narrator.say(`Flink ${flink.text} with a checkpoint every ${renderDuration(checkpointMs)}: ${world.restUrl}`);
    narrator.say(`Dhalion ${world.dhalionUrl}  Prometheus ${world.prometheusUrl}`);
    const told = await tell(world, observer, narrator, options, signal);
    if (signal.aborted) throw new Error('ended before the story was');
    const report = await reportStory(told, observer, holdUps, world.prometheusUrl, systemClock.now());
    write(`\n${report.lines.join('\n')}\n\n`);
    if (report.faults.length > 0) throw new Error(report.faults.join('; '));
    narrator.say(isWhole ? 'Every step of the story was observed.' : 'Every step of these chapters was observed.');
  } finally {
    await holdUps.stop();
    observer.close();
    await world.stop();
  }
}

async function tell(
  world: FlinkWorld,
  observer: LoopObserver,
  narrator: Narrator,
  { chapters, recordInto }: Arguments,
  signal: AbortSignal,
): Promise<ToldChapter[]> {
  const told: ToldChapter[] = [];
  const wanted = tellChapters(world, observer).filter(({ name }) => chapters.includes(name));
  for (const chapter of wanted) {
    const before = await running(world, signal);
    const beganAtMs = systemClock.now();
    for (const [index, step] of chapter.steps.entries()) {
      await observeStory([step], narrator, { clock: systemClock, signal });
      const moment = chapter.moments[index];
      if (recordInto === null || moment === undefined) continue;
      await recordSeries(world.prometheusUrl, recordInto, moment, systemClock.now());
    }
    const after = await running(world, signal);
    const changeOf = (vertex: string) => ({ before: before.get(vertex) ?? null, after: after.get(vertex) ?? null });
    told.push({ chapter, beganAtMs, split: changeOf('split'), count: changeOf('count') });
  }
  return told;
}

/** Parallelisms by vertex once the job runs; none: ended before it did. */
async function running(world: FlinkWorld, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  let parallelisms = await parallelismsOf(world.restUrl);
  while (parallelisms === null && !signal.aborted) {
    await systemClock.sleep(500, signal);
    parallelisms = await parallelismsOf(world.restUrl);
  }
  return parallelisms ?? new Map();
}

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    ending.abort();
  });
}
// Not AbortSignal.timeout: in AbortSignal.any, Node 20 may collect it before it fires.
const tooLong = setTimeout(() => {
  ending.abort();
}, MAX_MS);
try {
  const options = parseArguments(process.argv.slice(2));
  const built = await buildRig(options.rig.flink);
  if (built.kind === 'not_to_be_had') {
    process.stdout.write(`SKIPPED: no Flink here: ${built.because}\n`);
    process.exitCode = SKIPPED;
  } else {
    await runStory(built.rig, options, ending.signal);
  }
} catch (error) {
  process.stderr.write(`e2e:flink: ${describeError(error)}\n`);
  process.exitCode = 1;
} finally {
  clearTimeout(tooLong);
}
