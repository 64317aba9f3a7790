// Explains a hold as `at_limit`: a bound, or a size that would not help. Pure.
import type { Decision, Operator, Topology } from './api-types.js';
import { quoteName } from './quantities.js';
import { DIAGNOSIS_WORDS, GENTLE_RESOLVERS, HOLDS, RESOLVER_WORDS } from './words.js';

export interface HoldWords {
  readonly means: string;
  readonly remedy: string;
}

const LATER = 'None needed: the next notification is decided again.';

/** @param topology its current state */
export function describeLimit({ diagnosis, resolver }: Decision, operator: Operator, topology: Topology): HoldWords {
  if (resolver === 'scale_up') return describeMost(diagnosis, operator, topology);
  return resolver === 'scale_down'
    ? describeLeast(operator)
    : { means: 'Another parallelism, or this, would not help.', remedy: HOLDS.at_limit.remedy };
}

function describeMost(
  diagnosis: Decision['diagnosis'],
  { operator: name, role, parallelism, max_parallelism: max, input_shares: shares }: Operator,
  { flow_limit: limit, resolvers }: Topology,
): HoldWords {
  if (parallelism !== null && max !== null && parallelism >= max) {
    if (max === shares) return describeShares(role, shares);
    return {
      means: `The parallelism is at its bound: max_parallelism is ${max}.`,
      remedy: 'Raise max_parallelism, if capacity allows.',
    };
  }
  const gentle = GENTLE_RESOLVERS[diagnosis];
  if (gentle !== undefined) {
    const cure = diagnosis === 'data_skew' ? 'Spread the keys more evenly' : 'See what slows these instances';
    return {
      means: `More instances would not help: ${DIAGNOSIS_WORDS[diagnosis]}.`,
      remedy: `${cure}${resolvers.includes(gentle) ? '' : `, or name a webhook for ${RESOLVER_WORDS[gentle]}`}.`,
    };
  }
  if (limit !== null && limit.operator !== name) {
    return {
      means: `More instances would not help: ${quoteName(limit.operator)} lets no more through.`,
      remedy: `Raise max_parallelism of ${quoteName(limit.operator)}, if capacity allows.`,
    };
  }
  return { means: 'More instances would not help.', remedy: LATER };
}

/** The bound is not of the configuration's making: a further instance would get none of them. */
function describeShares(role: Operator['role'], shares: number): HoldWords {
  return role === 'source'
    ? {
        means: `The parallelism is at its bound: what it reads has ${shares} partitions.`,
        remedy: 'Add partitions: more instances than that have nothing to read.',
      }
    : {
        means: `The parallelism is at its bound: its keys come in ${shares} key groups.`,
        remedy: "Raise the job's maximum parallelism in Flink, which begins with new state, and max_parallelism.",
      };
}

function describeLeast({ parallelism, min_parallelism: min, left_alone_because: because }: Operator): HoldWords {
  if (parallelism !== null && parallelism <= Math.max(1, min)) {
    return {
      means: `The parallelism is at its bound: min_parallelism is ${min}.`,
      remedy: parallelism <= 1 ? 'Nothing: there is one instance.' : 'Lower min_parallelism, if fewer may run.',
    };
  }
  if (because !== null) return { means: `Fewer instances have to wait: ${because}.`, remedy: LATER };
  return { means: 'Fewer instances would not do, or would save too little.', remedy: LATER };
}
