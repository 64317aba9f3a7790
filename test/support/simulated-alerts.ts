// Prometheus' alert rules in simulated time: how long a diagnosis must hold before its alert fires (`for`), and how long the
// alert outlives it (`keep_firing_for`). The caller sends them again every minute.
import type { DiagnosisName } from '../../src/model/diagnosis.js';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';

const MINUTE_MS = 60_000;

/** As in rules/dhalion-alerts.yml. */
const FOR_MS: Readonly<Record<DiagnosisName, number>> = {
  underprovisioning: MINUTE_MS,
  overprovisioning: 15 * MINUTE_MS,
  slow_instances: MINUTE_MS,
  data_skew: MINUTE_MS,
};

/** All alerts outlive their diagnosis, except the one that gives capacity away. */
function isKeptFiring({ diagnosis }: FiringAlert): boolean {
  return diagnosis !== 'overprovisioning';
}

export interface FiringAlert {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
}

export interface SimulatedAlerts {
  /** Evaluates the rules at this moment, on the last exported evaluation (null: none). */
  evaluate(exported: TopologyEvaluation | null, nowMs: number): readonly FiringAlert[];
}

interface AlertState {
  readonly alert: FiringAlert;
  readonly activeSinceMs: number;
  readonly lastTrueMs: number;
  readonly isFiring: boolean;
}

export function createSimulatedAlerts(keepFiringForMs: number): SimulatedAlerts {
  let states: readonly AlertState[] = [];
  return {
    evaluate: (exported, nowMs) => {
      const active = exported === null ? [] : diagnosesOf(exported);
      const continued = states.filter(
        ({ alert, isFiring, lastTrueMs }) =>
          isFiring &&
          isKeptFiring(alert) &&
          nowMs - lastTrueMs <= keepFiringForMs &&
          !active.some((one) => isSame(one, alert)),
      );
      const updated = active.map((alert): AlertState => {
        const before = states.find((state) => isSame(state.alert, alert));
        const activeSinceMs = before?.activeSinceMs ?? nowMs;
        const isFiring = before?.isFiring === true || nowMs - activeSinceMs >= FOR_MS[alert.diagnosis];
        return { alert, activeSinceMs, lastTrueMs: nowMs, isFiring };
      });
      states = [...updated, ...continued];
      return states.filter(({ isFiring }) => isFiring).map(({ alert }) => alert);
    },
  };
}

function diagnosesOf({ operators }: TopologyEvaluation): readonly FiringAlert[] {
  return operators.flatMap(({ measurement, diagnoses }) =>
    diagnoses.map(({ diagnosis }) => ({ operator: measurement.spec.name, diagnosis })),
  );
}

function isSame(left: FiringAlert, right: FiringAlert): boolean {
  return left.operator === right.operator && left.diagnosis === right.diagnosis;
}
