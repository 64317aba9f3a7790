// One Horizontal Pod Autoscaler an operator, with its defaults: CPU is the time that an instance is busy, as of the last half
// minute (metrics-server takes it every 15 s). In a restart gap there is nothing to go by.
import { desiredReplicas, HPA_DEFAULTS, limitGrowth } from './hpa-rule.js';
import { mean, type Peer } from './peer.js';

const CPU_SECONDS = 30;

export function createHpaPeer(): Peer {
  const recommendations = new Map<string, readonly { readonly atSeconds: number; readonly replicas: number }[]>();
  const { targetUtilization, tolerance, downscaleStabilizationSeconds } = HPA_DEFAULTS;
  return {
    decide: (look) =>
      look.state.operators.flatMap(({ name, parallelism }) => {
        const instances = look.means(name, CPU_SECONDS);
        if (instances === null || look.runningForSeconds < CPU_SECONDS) return [];
        const cpu = mean(instances.map(({ busyMsPerSecond }) => busyMsPerSecond)) / 1000;
        const replicas = Math.max(1, desiredReplicas(parallelism, cpu, targetUtilization, tolerance));
        const atSeconds = look.state.timeSeconds;
        const recent = [...(recommendations.get(name) ?? []), { atSeconds, replicas }].filter(
          (one) => one.atSeconds > atSeconds - downscaleStabilizationSeconds,
        );
        recommendations.set(name, recent);
        // Before it has been recommending for so long, the present number counts as recommended.
        const known = atSeconds >= downscaleStabilizationSeconds ? [] : [parallelism];
        const highest = Math.max(...recent.map((one) => one.replicas), ...known);
        const wanted = replicas > parallelism ? limitGrowth(parallelism, replicas) : Math.min(parallelism, highest);
        return wanted === parallelism ? [] : [{ operator: name, parallelism: wanted }];
      }),
  };
}
