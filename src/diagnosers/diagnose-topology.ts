// All diagnoses of a topology: of each operator by itself, then of followers, and of operators that are scaled down together.
import { isTooSmall, limitedLoadOf } from '../detectors/limited-load.js';
import { DIAGNOSES, type Diagnosis, type DiagnosisName } from '../model/diagnosis.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { and, or, type Truth } from '../model/truth.js';
import { diagnose, isCovered } from './diagnose.js';
import type { DiagnosisContext, DiagnosisVerdict, TopologyConditions } from './diagnoser.js';
import { diagnoseFollower } from './follower-diagnoser.js';

/** A diagnosis context without the fields that depend on the other operators' diagnoses. */
export type Subject = Omit<DiagnosisContext, 'topology' | 'settings'>;

export interface OperatorDiagnoses {
  readonly diagnoses: readonly Diagnosis[];
  readonly unknownDiagnoses: readonly DiagnosisName[];
}

/** By operator name. */
export type TopologyDiagnoses = ReadonlyMap<string, OperatorDiagnoses>;

/** @param isWorthIt whether scaling down these operators together is worth an action */
export function diagnoseTopology(
  subjects: readonly Subject[],
  conditions: Omit<TopologyConditions, 'hasLeader'>,
  settings: PolicySettings,
  isWorthIt: (operators: readonly string[]) => boolean,
): TopologyDiagnoses {
  const withoutLeader = { ...conditions, hasLeader: 'no' } as const;
  const withLeader = { ...conditions, hasLeader: 'yes' } as const;
  const alone = subjects.map((subject) => {
    return { subject, verdicts: diagnose(contextOf(subject, withoutLeader, settings)) };
  });
  const leaders = alone.filter(
    ({ subject, verdicts: own }) => own.underprovisioning.holds === 'yes' && isLeader(subject, conditions, settings),
  );
  const isGivenBack = isWorthItTogether(alone, isWorthIt);
  return new Map(
    alone.map((one): [string, OperatorDiagnoses] => {
      const hasLeader = leaders.some((leader) => nameOf(leader) !== nameOf(one));
      const context = contextOf(one.subject, withLeader, settings);
      const isFollowing = hasLeader ? and(diagnoseFollower(context).holds, isCovered(context)) : 'no';
      const { underprovisioning, overprovisioning, ...others } = one.verdicts;
      return [
        nameOf(one),
        listDiagnoses({
          ...others,
          underprovisioning: { ...underprovisioning, holds: or(underprovisioning.holds, isFollowing) },
          overprovisioning: { ...overprovisioning, holds: and(overprovisioning.holds, isGivenBack) },
        }),
      ];
    }),
  );
}

/** Whether scaling down all operators that can be smaller is worth an action; unknown if it depends on one that may be. */
function isWorthItTogether(all: readonly Diagnosed[], isWorthIt: (operators: readonly string[]) => boolean): Truth {
  const withTruth = (...truths: readonly Truth[]): readonly string[] =>
    all.filter(({ verdicts }) => truths.includes(verdicts.overprovisioning.holds)).map(nameOf);
  const idle = withTruth('yes');
  if (idle.length > 0 && isWorthIt(idle)) return 'yes';
  return idle.length < withTruth('yes', 'unknown').length ? 'unknown' : 'no';
}

function listDiagnoses(verdicts: Readonly<Record<DiagnosisName, DiagnosisVerdict>>): OperatorDiagnoses {
  const withTruth = (truth: Truth): readonly DiagnosisName[] =>
    DIAGNOSES.filter((name) => verdicts[name].holds === truth);
  return {
    diagnoses: withTruth('yes').map((diagnosis) => {
      return { diagnosis, operatorInstances: verdicts[diagnosis].operatorInstances };
    }),
    unknownDiagnoses: withTruth('unknown'),
  };
}

interface Diagnosed {
  readonly subject: Subject;
  readonly verdicts: Readonly<Record<DiagnosisName, DiagnosisVerdict>>;
}

/** Written out: there are many, and V8 copies an object of this size a hundred times slower than it makes one. */
function contextOf(
  { operator, symptoms, load, canBeSmaller }: Subject,
  topology: TopologyConditions,
  settings: PolicySettings,
): DiagnosisContext {
  return { operator, symptoms, load, canBeSmaller, topology, settings };
}

/** Whether it is too small for the whole load. A momentary hold-up of its input makes no leader. */
function isLeader(
  { load }: Subject,
  { flowLimit }: Pick<TopologyConditions, 'flowLimit'>,
  settings: PolicySettings,
): boolean {
  const limited = limitedLoadOf(load, flowLimit);
  return limited !== null && isTooSmall(limited, settings);
}

function nameOf({ subject }: { readonly subject: Subject }): string {
  return subject.operator.spec.name;
}
