// All diagnoses of a topology: of each operator by itself, then of followers, and of operators that are scaled down together.
import { isTooSmall, limitedLoadOf } from '../detectors/limited-load.js';
import { DIAGNOSES, type Diagnosis, type DiagnosisName } from '../model/diagnosis.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { and, truthOf, type Truth } from '../model/truth.js';
import { diagnose, isCovered } from './diagnose.js';
import type { DiagnosisContext, Finding, TopologyFindings } from './diagnoser.js';
import { diagnoseFollower } from './follower-diagnoser.js';

/** A diagnosis context without the fields that depend on the other operators' diagnoses. */
export type Subject = Omit<DiagnosisContext, 'topology' | 'settings'>;

/** Diagnoses by operator name. */
export type TopologyDiagnoses = ReadonlyMap<string, readonly Diagnosis[]>;

/** @param isWorthIt whether scaling down these operators together is worth an action */
export function diagnoseTopology(
  subjects: readonly Subject[],
  findings: Omit<TopologyFindings, 'hasLeader'>,
  settings: PolicySettings,
  isWorthIt: (operators: readonly string[]) => boolean,
): TopologyDiagnoses {
  const alone = subjects.map((subject) => {
    const topology = { ...findings, hasLeader: 'no' } as const;
    return { subject, findings: diagnose({ ...subject, topology, settings }) };
  });
  const leaders = alone.filter(
    ({ subject, findings: own }) => own.underprovisioning.holds === 'yes' && isLeader(subject, findings, settings),
  );
  const idle = alone.filter(({ findings: own }) => own.overprovisioning.holds === 'yes').map(nameOf);
  const isGivenBack = idle.length > 0 && isWorthIt(idle);
  return new Map(
    alone.map((one): [string, readonly Diagnosis[]] => {
      const hasLeader = truthOf(leaders.some((leader) => nameOf(leader) !== nameOf(one)));
      const context = { ...one.subject, topology: { ...findings, hasLeader }, settings };
      const found = diagnoseFollower(context);
      const follower = { ...found, holds: and(found.holds, isCovered(context)) };
      return [
        nameOf(one),
        DIAGNOSES.flatMap((diagnosis) => diagnosisOf(diagnosis, one.findings, { follower, isGivenBack })),
      ];
    }),
  );
}

/** Whether it is too small for the whole load. A momentary hold-up of its input makes no leader. */
function isLeader(
  { load }: Subject,
  { flowLimit }: Pick<TopologyFindings, 'flowLimit'>,
  settings: PolicySettings,
): boolean {
  const limited = limitedLoadOf(load, flowLimit);
  return limited !== null && isTooSmall(limited, settings);
}

function diagnosisOf(
  diagnosis: DiagnosisName,
  own: Readonly<Record<DiagnosisName, Finding>>,
  { follower, isGivenBack }: { readonly follower: Finding; readonly isGivenBack: boolean },
): readonly Diagnosis[] {
  const { holds, operatorInstances } = own[diagnosis];
  const isFollowing: Truth = diagnosis === 'underprovisioning' ? follower.holds : 'no';
  if (holds !== 'yes' && isFollowing !== 'yes') return [];
  if (diagnosis === 'overprovisioning' && !isGivenBack) return [];
  return [{ diagnosis, operatorInstances }];
}

function nameOf({ subject }: { readonly subject: Subject }): string {
  return subject.operator.spec.name;
}
