// The container and the name of each instance of a Heron component: container_<container>_<component>_<task>. Task ids are
// unique in the topology and stay with an instance; an update adds new ones and removes the last.
import type { TopologyState } from './topology-state.js';

export interface HeronInstanceName {
  readonly container: number;
  readonly instanceId: string;
}

export interface HeronInstances {
  /** Brings the names in line with the state's parallelism. */
  update(state: TopologyState): void;
  /** In order of instance index. */
  namesOf(component: string): readonly HeronInstanceName[];
}

/** @param containers number of containers that instances are distributed over; one stream manager each */
export function createHeronInstances(containers: number): HeronInstances {
  const tasks = new Map<string, number[]>();
  let nextTask = 1;
  return {
    update: (state) => {
      for (const operator of state.operators) {
        const ids = (tasks.get(operator.name) ?? []).slice(0, operator.parallelism);
        while (ids.length < operator.parallelism) ids.push(nextTask++);
        tasks.set(operator.name, ids);
      }
    },
    namesOf: (component) =>
      (tasks.get(component) ?? []).map((task) => {
        const container = ((task - 1) % containers) + 1;
        return { container, instanceId: `container_${container}_${component}_${task}` };
      }),
  };
}
