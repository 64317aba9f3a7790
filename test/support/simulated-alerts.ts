// Prometheus' alert rules in simulated time: how long a diagnosis must hold before its alert fires (`for`), how long the alert
// outlives it (`keep_firing_for`), and how long the last known answer of the alert that gives capacity away counts. The caller sends
// them again every minute.
import { ScaleDownAlert } from '../../src/backtest-report/scale-down-alert.js';
import { DIAGNOSES, type DiagnosisName } from '../../src/model/diagnosis.js';
import { truthOfDiagnosis, type TopologyEvaluation } from '../../src/model/evaluation.js';

const MINUTE_MS = 60_000;

/** As in rules/dhalion-alerts.yml. */
const FOR_MS: Readonly<Record<DiagnosisName, number>> = {
  underprovisioning: MINUTE_MS,
  overprovisioning: 15 * MINUTE_MS,
  slow_instances: MINUTE_MS,
  data_skew: MINUTE_MS,
};

export interface FiringAlert {
  readonly operator: string;
  readonly diagnosis: DiagnosisName;
}

export interface AlertWaits {
  /** Of all alerts but the one that gives capacity away. */
  readonly keepFiringForMs: number;
  /** Of the alert that gives capacity away. */
  readonly unknownForMs: number;
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

export function createSimulatedAlerts({ keepFiringForMs, unknownForMs }: AlertWaits): SimulatedAlerts {
  const scaleDowns = new ScaleDownAlert(unknownForMs, MINUTE_MS);
  let states: readonly AlertState[] = [];
  return {
    evaluate: (exported, nowMs) => {
      if (exported !== null) scaleDowns.add(nowMs, exported);
      const active = exported === null ? [] : activeIn(exported, scaleDowns);
      const continued = states.filter(
        ({ alert, isFiring, lastTrueMs }) =>
          isFiring &&
          alert.diagnosis !== 'overprovisioning' &&
          nowMs - lastTrueMs <= keepFiringForMs &&
          !active.some((one) => isSame(one, alert)),
      );
      const updated = active.map((alert): AlertState => {
        const before = states.find((state) => isSame(state.alert, alert));
        const activeSinceMs =
          alert.diagnosis === 'overprovisioning'
            ? (scaleDowns.activeSinceMs(alert.operator) ?? nowMs)
            : (before?.activeSinceMs ?? nowMs);
        const isFiring = before?.isFiring === true || nowMs - activeSinceMs >= FOR_MS[alert.diagnosis];
        return { alert, activeSinceMs, lastTrueMs: nowMs, isFiring };
      });
      states = [...updated, ...continued];
      return states.filter(({ isFiring }) => isFiring).map(({ alert }) => alert);
    },
  };
}

function activeIn({ operators }: TopologyEvaluation, scaleDowns: ScaleDownAlert): readonly FiringAlert[] {
  return operators.flatMap((evaluated) => {
    const operator = evaluated.measurement.spec.name;
    return DIAGNOSES.filter((diagnosis) =>
      diagnosis === 'overprovisioning'
        ? scaleDowns.activeSinceMs(operator) !== null
        : truthOfDiagnosis(evaluated, diagnosis) === 'yes',
    ).map((diagnosis) => ({ operator, diagnosis }));
  });
}

function isSame(left: FiringAlert, right: FiringAlert): boolean {
  return left.operator === right.operator && left.diagnosis === right.diagnosis;
}
