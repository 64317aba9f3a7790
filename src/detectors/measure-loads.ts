// The load of every operator of a topology: the input of its sizing, or the reason why it is unknown.
import type { Experience } from '../model/experience.js';
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { Attribution } from './attribution.js';
import { effectiveBusyOf } from './effective-busy.js';
import { boundRatioOf, flowLimitOf, limitedTo } from './flow-limit.js';
import { fullBusyOf } from './full-busy.js';
import { hiddenImbalanceOf, hotKeyOf } from './hot-key.js';
import { isCleanWindow, neededInstancesOf } from './needed-instances.js';
import { offeredRatiosOf } from './offered-ratios.js';

export interface Loads {
  readonly loads: ReadonlyMap<string, OperatorLoad>;
  readonly flowLimit: FlowLimit | null;
}

export function measureLoads(
  topology: TopologyMeasurement,
  attributions: ReadonlyMap<string, Attribution>,
  settings: PolicySettings,
  experience: Experience,
): Loads {
  const fullBusy = new Map(
    topology.operators.flatMap((operator): [string, number][] => {
      const { name } = operator.spec;
      const full = fullBusyOf(operator, topology, attributions.get(name), experience.fullBusy.get(name) ?? null);
      return full === null ? [] : [[name, full]];
    }),
  );
  const context = { topology, attributions, fullBusy, capacityPerInstance: experience.capacityPerInstance };
  const able = topology.operators.map((measurement) => {
    const effectiveBusy = effectiveBusyOf(measurement, context);
    const hotKey = hotKeyOf(measurement, effectiveBusy);
    const ability = { effectiveBusy, hotKey, hiddenImbalance: hiddenImbalanceOf(measurement) };
    return { measurement, ability: { ...ability, boundRatio: boundRatioOf(measurement, ability) } };
  });
  const boundRatios = new Map(able.map(({ measurement, ability }) => [measurement.spec.name, ability.boundRatio]));
  const ratios = offeredRatiosOf(topology, settings, boundRatios);
  const sized = able.map(({ measurement, ability }) => {
    const { name } = measurement.spec;
    const found = ratios.get(name) ?? { because: `no instance of ${name} is seen`, mayBeRefused: false };
    const [offeredRatio, catchUpRatio] = 'because' in found ? [null, null] : [found.offered, found.catchUp];
    return { measurement, found, load: { ...ability, offeredRatio, catchUpRatio } };
  });
  const flowLimit = flowLimitOf(sized, new Set());
  const loads = sized.map(({ measurement, found, load }): [string, OperatorLoad] => {
    const { name } = measurement.spec;
    const { offeredRatio } = load;
    const full = fullBusy.get(name) ?? 1;
    const isClean = isCleanWindow(measurement, topology, experience.changedAtMs);
    const limitedRatio = offeredRatio === null ? null : limitedTo(flowLimit, load, offeredRatio);
    return [
      name,
      {
        ...load,
        mayBeRefused: 'because' in found && found.mayBeRefused,
        fullBusy: full,
        imbalance: imbalanceOf(measurement),
        isClean,
        neededInstances: neededInstancesOf(measurement, limitedRatio, full, isClean),
        unsizedBecause:
          'because' in found ? found.because : reasonOf(measurement, load.effectiveBusy, isClean, topology.windowMs),
      },
    ];
  });
  return { loads: new Map(loads), flowLimit };
}

/** Max u over mean u: instances 0.9, 0.6 and 0.6 busy ⇒ 1.29. */
function imbalanceOf({ busy, incompleteBecause }: OperatorMeasurement): number | null {
  if (busy.kind !== 'measured' || incompleteBecause !== null || busy.mean <= 0) return null;
  return Math.max(1, busy.max / busy.mean);
}

function reasonOf(
  { spec: { name }, parallelism, incompleteBecause, processingRate }: OperatorMeasurement,
  effectiveBusy: number | null,
  isClean: boolean,
  windowMs: number,
): string | null {
  if (parallelism === null || incompleteBecause !== null) return `some instances of ${name} are not seen`;
  if (effectiveBusy === null) return `the busy ratio of ${name} is unknown`;
  if (isClean) return null;
  const span = windowMs % 60_000 === 0 ? `${windowMs / 60_000} min` : `${windowMs / 1000} s`;
  if (processingRate.kind !== 'measured') return `the processing rate of ${name} is unknown`;
  return processingRate.lowestTotal === null
    ? `a window of ${span} is not full of ${name} yet, or has a gap`
    : `a window of ${span} has not passed since ${name} was restarted or changed`;
}
