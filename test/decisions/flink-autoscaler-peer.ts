// Flink's autoscaler with its defaults: it waits 5 minutes for a job to become stable, gathers 15 minutes, changes all vertices
// together as soon as one of them is outside its utilisation, and delays scale-downs for an hour (JobAutoScalerImpl, DelayedScaleDown).
import type { ParallelismChange } from '../../src/simulator/fluid-topology.js';
import {
  AUTOSCALER_DEFAULTS,
  isOutsideUtilization,
  targetParallelism,
  type VertexRates,
} from './flink-autoscaler-rule.js';
import { evaluateWindow, processesBacklog, takeSample, type Sample } from './flink-autoscaler-window.js';
import type { Peer } from './peer.js';

/** kubernetes.operator.reconcile.interval */
const RECONCILE_SECONDS = 60;
const STABILIZATION_SECONDS = 300;
const WINDOW_SECONDS = 900;
const SCALE_DOWN_INTERVAL_SECONDS = 3600;
const BACKLOG_LAG_SECONDS = 300;

interface Recommended {
  readonly atSeconds: number;
  readonly parallelism: number;
  readonly isOutside: boolean;
}

interface Delayed {
  readonly sinceSeconds: number;
  recommended: readonly Recommended[];
}

export function createFlinkAutoscalerPeer(): Peer {
  let samples: readonly Sample[] = [];
  let run = 0;
  const delayed = new Map<string, Delayed>();

  /** What a vertex is to change to now, if at all. */
  const change = (name: string, rates: VertexRates, catchesUp: boolean, now: number): Recommended | null => {
    const wanted = targetParallelism(rates, AUTOSCALER_DEFAULTS);
    if (wanted === null) return null;
    const isOutside = isOutsideUtilization(rates, AUTOSCALER_DEFAULTS, catchesUp);
    const recommended = { atSeconds: now, parallelism: wanted, isOutside };
    if (wanted >= rates.parallelism) {
      delayed.delete(name);
      return wanted === rates.parallelism ? null : recommended;
    }
    const waiting = delayed.get(name) ?? { sinceSeconds: now, recommended: [] };
    const start = now - SCALE_DOWN_INTERVAL_SECONDS;
    waiting.recommended = [...waiting.recommended, recommended].filter(({ atSeconds }) => atSeconds >= start);
    delayed.set(name, waiting);
    if (start < waiting.sinceSeconds) return null;
    return waiting.recommended.reduce((most, one) => (one.parallelism >= most.parallelism ? one : most));
  };

  return {
    decide: (look) => {
      const { state, runningForSeconds } = look;
      if (state.restarts !== run) samples = [];
      run = state.restarts;
      const now = state.timeSeconds;
      if (now % RECONCILE_SECONDS !== 0 || runningForSeconds < STABILIZATION_SECONDS) return [];
      const isFull = runningForSeconds >= STABILIZATION_SECONDS + WINDOW_SECONDS;
      samples = [...samples, takeSample(look)].slice(-(WINDOW_SECONDS / RECONCILE_SECONDS + 1));
      if (!isFull) return [];
      const catchesUp = processesBacklog(state, samples, BACKLOG_LAG_SECONDS);
      const rates = evaluateWindow(state, samples, AUTOSCALER_DEFAULTS.catchUpSeconds);
      const changes = [...rates].flatMap(([operator, of]): (ParallelismChange & { isOutside: boolean })[] => {
        const wanted = change(operator, of, catchesUp, now);
        return wanted === null ? [] : [{ operator, ...wanted }];
      });
      if (!changes.some(({ isOutside }) => isOutside)) return [];
      delayed.clear();
      return changes.map(({ operator, parallelism }) => ({ operator, parallelism }));
    },
  };
}
