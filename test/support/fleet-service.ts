// A service that tells the status page of a fleet, which the test may change.
import type { ServiceView } from '../../src/http/service-view.js';
import { CHANGES, type Change } from '../../src/model/change.js';
import type { Fleet } from './page-samples.js';

export interface FleetService extends Partial<ServiceView> {
  /** Tells of this fleet from now on, and that it has changed. */
  become(fleet: Fleet): void;
}

/** A service that tells of this fleet. */
export function serviceOf(fleet: Fleet): FleetService {
  const listeners = new Set<(change: Change) => void>();
  let now = fleet;
  return {
    topologies: () => Promise.resolve(now.topologies),
    topology: (name) => Promise.resolve(now.topologies.find(({ topology }) => topology === name) ?? null),
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
