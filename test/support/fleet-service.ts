// A service for the status page that shows a fleet, which the test may replace.
import type { ServiceView } from '../../src/http/service-view.js';
import { CHANGES, type Change } from '../../src/model/change.js';
import { sampleHistory } from './histories.js';
import type { Fleet } from './page-samples.js';

export interface FleetService extends Partial<ServiceView> {
  /** Shows this fleet from now on, and announces changes. */
  become(fleet: Fleet): void;
}

/** A service that shows this fleet. */
export function serviceOf(fleet: Fleet): FleetService {
  const listeners = new Set<(change: Change) => void>();
  let now = fleet;
  return {
    topologies: () => Promise.resolve(now.topologies),
    topology: (name) => Promise.resolve(now.topologies.find(({ topology }) => topology === name) ?? null),
    history: (name, range) => {
      const shown = now.topologies.find(({ topology }) => topology === name);
      const actions = now.actions.filter(({ topology }) => topology === name);
      return Promise.resolve(shown === undefined ? null : sampleHistory(shown, { range: range ?? '6h', actions }));
    },
    actions: () => Promise.resolve(now.actions),
    blacklist: () => Promise.resolve(now.blacklist),
    pauses: () => Promise.resolve(now.pauses),
    onChange: (listener) => {
      listeners.add(listener);
    },
    become: (next) => {
      now = next;
      for (const listener of listeners) for (const change of CHANGES) listener(change);
    },
  };
}
