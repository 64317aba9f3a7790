// All diagnoses of a topology: of each operator by itself, then of followers, and of operators that are scaled down together.
import { isTooSmall, limitedLoadOf } from '../detectors/limited-load.js';
import { DIAGNOSES, type Diagnosis, type DiagnosisName } from '../model/diagnosis.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { and, type Truth } from '../model/truth.js';
import { diagnose, isCovered } from './diagnose.js';
import type { DiagnosisContext, DiagnosisVerdict, TopologyConditions } from './diagnoser.js';
import { diagnoseFollower } from './follower-diagnoser.js';

/** A diagnosis context without the fields that depend on the other operators' diagnoses. */
export type Subject = Omit<DiagnosisContext, 'topology' | 'settings'>;

/** Diagnoses by operator name. */
export type TopologyDiagnoses = ReadonlyMap<string, readonly Diagnosis[]>;

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
  const idle = alone.filter(({ verdicts: own }) => own.overprovisioning.holds === 'yes').map(nameOf);
  const isGivenBack = idle.length > 0 && isWorthIt(idle);
  return new Map(
    alone.map((one): [string, readonly Diagnosis[]] => {
      const hasLeader = leaders.some((leader) => nameOf(leader) !== nameOf(one));
      const context = contextOf(one.subject, withLeader, settings);
      const isFollowing = hasLeader ? and(diagnoseFollower(context).holds, isCovered(context)) : 'no';
      return [
        nameOf(one),
        DIAGNOSES.flatMap((diagnosis) => diagnosisOf(diagnosis, one.verdicts, { isFollowing, isGivenBack })),
      ];
    }),
  );
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

function diagnosisOf(
  diagnosis: DiagnosisName,
  own: Readonly<Record<DiagnosisName, DiagnosisVerdict>>,
  { isFollowing, isGivenBack }: { readonly isFollowing: Truth; readonly isGivenBack: boolean },
): readonly Diagnosis[] {
  const { holds, operatorInstances } = own[diagnosis];
  if (holds !== 'yes' && (diagnosis !== 'underprovisioning' || isFollowing !== 'yes')) return [];
  if (diagnosis === 'overprovisioning' && !isGivenBack) return [];
  return [{ diagnosis, operatorInstances }];
}

function nameOf({ subject }: { readonly subject: Subject }): string {
  return subject.operator.spec.name;
}
