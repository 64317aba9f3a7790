// PURE: the figures of the table, from what Prometheus kept and what Dhalion's API tells.

/** [unix s, value]; a sample that is not there is missing. */
export type Curve = readonly (readonly [number, number])[];

export interface Episode {
  /** Seconds from the first pressure until Dhalion claimed its answer; null: there was none, or no answer. */
  readonly onsetToCallS: number | null;
  /** Seconds from the first pressure until it ended for good; null: there was none, or it did not end. */
  readonly onsetToEndS: number | null;
}

/**
 * The first pressure within a chapter, the answer to it, and the end of the last. What a restart leaves to be caught up
 * counts as pressure: the job is not back before it is done.
 * @param curve ms/s for which the most backpressured instance of the source is held up
 * @param fromS where the chapter begins, and the next one
 */
export function episodeOf(
  curve: Curve,
  limitMs: number,
  { fromS, untilS, calledAtS }: { readonly fromS: number; readonly untilS: number; readonly calledAtS: number | null },
): Episode {
  const within = curve.filter(([atS]) => atS >= fromS && atS < untilS);
  const onset = within.find(([, ms]) => ms > limitMs)?.[0];
  if (onset === undefined) return { onsetToCallS: null, onsetToEndS: null };
  const lastPressed = within.findLastIndex(([, ms]) => ms > limitMs);
  const end = within[lastPressed + 1]?.[0];
  return {
    onsetToCallS: calledAtS === null || calledAtS < onset ? null : calledAtS - onset,
    onsetToEndS: end === undefined ? null : end - onset,
  };
}

/** A stretch without the job's series, from the last sample before it to the first after, unix s. */
export interface Gap {
  readonly fromS: number;
  readonly untilS: number;
}

/** What one attempt of a task's subtask left in Prometheus: its first and its last sample, unix s. */
export interface Attempt {
  readonly fromS: number;
  readonly untilS: number;
}

/** Between each attempt and the next lies a restart. Attempts in any order; none begins before the one before it has ended. */
export function restartsBetween(attempts: readonly Attempt[]): readonly Gap[] {
  const inOrder = [...attempts].sort((left, right) => left.fromS - right.fromS);
  return inOrder.flatMap(({ untilS }, index) => {
    const next = inOrder[index + 1];
    return next === undefined ? [] : [{ fromS: untilS, untilS: next.fromS }];
  });
}

/** What is asked of an operator, and how many instances of it there were. */
export interface Aim {
  readonly from: number;
  readonly to: number;
  readonly instances: Curve;
}

/**
 * Seconds from a call until each operator that it changes was first seen with the instances asked for; null: it changes none, or
 * one was not seen with them before the end.
 */
export function appliedAfter(
  aims: readonly Aim[],
  { calledAtS, untilS }: { readonly calledAtS: number; readonly untilS: number },
): number | null {
  const changes = aims.filter(({ from, to }) => from !== to);
  const seenAtS = changes.map(
    ({ to, instances }) => instances.find(([atS, count]) => atS >= calledAtS && atS <= untilS && count === to)?.[0],
  );
  if (seenAtS.length === 0 || !seenAtS.every((atS) => atS !== undefined)) return null;
  return Math.max(...seenAtS) - calledAtS;
}
