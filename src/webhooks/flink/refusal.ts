// PURE: the meaning of an error answer of Flink's REST API. The status alone is not enough: for an unknown job, or a scheduler that cannot
// rescale, Flink (1.20) answers 500 with a Java exception, and a repetition does not help.
import { excerptOf } from '../../outbound/answer-excerpt.js';
import { parseObject } from '../../outbound/json-object.js';
import { describeAnswer } from '../attempt-results.js';

export interface Refusal {
  /** Whether a repetition is useless whatever the status is. */
  readonly isFinal: boolean;
  readonly failure: string;
  /** By vertex id, its maximum parallelism, if Flink reports it. */
  readonly limits: ReadonlyMap<string, number>;
}

interface KnownRefusal {
  readonly pattern: RegExp;
  readonly meaning: string;
}

const KNOWN_REFUSALS: readonly KnownRefusal[] = [
  {
    pattern: /FlinkJobNotFoundException|Could not find Flink job/,
    meaning: 'the job does not exist: it has ended, or was submitted again with another id',
  },
  {
    pattern: /UnsupportedOperationException[^]*AdaptiveScheduler/,
    meaning: "the job's scheduler cannot change its parallelism: set jobmanager.scheduler: adaptive in Flink",
  },
  {
    pattern: /exceeds its maximum parallelism/,
    meaning: "above the vertex's maximum parallelism in Flink: lower the operator's max_parallelism",
  },
];

export function refusalOf(answer: { readonly status: number; readonly body: string }): Refusal {
  const said = errorsOf(answer.body).flatMap((error) => [
    ...error.matchAll(/job vertex (\w+) exceeds its maximum parallelism (\d+)/g),
  ]);
  const limits = said.map(([, vertex = '', most]): [string, number] => [vertex, Number(most)]);
  return { ...meaningOf(answer), limits: new Map(limits) };
}

function meaningOf({ status, body }: { readonly status: number; readonly body: string }): Omit<Refusal, 'limits'> {
  const errors = errorsOf(body);
  const known = KNOWN_REFUSALS.find(({ pattern }) => errors.some((error) => pattern.test(error)));
  const answered = `Flink answered ${status}`;
  if (known !== undefined) {
    return { isFinal: true, failure: `${known.meaning} (${answered}: ${excerptOf(reasonIn(errors))})` };
  }
  if (status === 404) {
    const older = 'not Flink 1.18 or newer, or url is not the path of its REST API';
    return { isFinal: true, failure: `answered 404: ${older}${detail(errors, body)}` };
  }
  if (errors.length > 0) return { isFinal: false, failure: `${answered}${detail(errors, body)}` };
  return { isFinal: false, failure: describeAnswer({ status, body }, "is url the JobManager's?") };
}

function detail(errors: readonly string[], body: string): string {
  const excerpt = excerptOf(errors.length > 0 ? reasonIn(errors) : body);
  return excerpt === '' ? '' : `: ${excerpt}`;
}

/** Flink's error answers are `{"errors": […]}`. */
function errorsOf(body: string): readonly string[] {
  const errors = parseObject(body)?.['errors'];
  return Array.isArray(errors) ? errors.filter((error): error is string => typeof error === 'string') : [];
}

/** The last error without its wrapping, its class names and its stack: "Could not find Flink job (…)". */
function reasonIn(errors: readonly string[]): string {
  const last = errors.at(-1) ?? '';
  const [head = ''] = last.replace(/^<Exception on server side:\s*/, '').split(/\s*\n\tat /);
  return head
    .replace(/^(?:[\w$]+\.)+[\w$]*(?:Exception|Error): /, '')
    .replace(/\s*End of exception on server side>$/, '');
}
