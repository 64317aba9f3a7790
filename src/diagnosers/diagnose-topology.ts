// All diagnoses of a topology: of each operator by itself, then of those that follow another one, or are given back together.
import { isTooSmall, limitedLoadOf } from '../detectors/limited-load.js';
import { DIAGNOSES, type Diagnosis, type DiagnosisName } from '../model/diagnosis.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { and, type Truth } from '../model/truth.js';
import { diagnose, isCovered } from './diagnose.js';
import type { DiagnosisContext, Finding, TopologyFindings } from './diagnoser.js';
import { diagnoseFollower } from './follower-diagnoser.js';

/** An operator, and all but what is only known when the others are diagnosed. */
export type Subject = Omit<DiagnosisContext, 'topology' | 'settings'>;

/** Diagnoses by operator name. */
export type TopologyDiagnoses = ReadonlyMap<string, readonly Diagnosis[]>;

/** @param isWorthIt whether giving back these operators together is worth an action */
export function diagnoseTopology(
  subjects: readonly Subject[],
  findings: Omit<TopologyFindings, 'hasLeader'>,
  settings: PolicySettings,
  isWorthIt: (operators: readonly string[]) => boolean,
): TopologyDiagnoses {
  const withoutLeader = { ...findings, hasLeader: 'no' } as const;
  const withLeader = { ...findings, hasLeader: 'yes' } as const;
  const alone = subjects.map((subject) => {
    return { subject, findings: diagnose(contextOf(subject, withoutLeader, settings)) };
  });
  const leaders = alone.filter(
    ({ subject, findings: own }) => own.underprovisioning.holds === 'yes' && isLeader(subject, findings, settings),
  );
  const idle = alone.filter(({ findings: own }) => own.overprovisioning.holds === 'yes').map(nameOf);
  const isGivenBack = idle.length > 0 && isWorthIt(idle);
  return new Map(
    alone.map((one): [string, readonly Diagnosis[]] => {
      const hasLeader = leaders.some((leader) => nameOf(leader) !== nameOf(one));
      const context = contextOf(one.subject, withLeader, settings);
      const isFollowing = hasLeader ? and(diagnoseFollower(context).holds, isCovered(context)) : 'no';
      return [
        nameOf(one),
        DIAGNOSES.flatMap((diagnosis) => diagnosisOf(diagnosis, one.findings, { isFollowing, isGivenBack })),
      ];
    }),
  );
}

/** Written out: there are many, and a copy with more properties takes a hundred times as long. */
function contextOf(
  { operator, symptoms, load, canBeSmaller }: Subject,
  topology: TopologyFindings,
  settings: PolicySettings,
): DiagnosisContext {
  return { operator, symptoms, load, canBeSmaller, topology, settings };
}

/** Whether it is too small for the whole load: what holds up its input for a moment has nobody follow it. */
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
