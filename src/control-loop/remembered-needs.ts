// What the looks remember of the instances that topologies needed. How it is remembered is policy/needed-memory.ts.
import { moveNeeded, type NeededMemory } from '../policy/needed-memory.js';

export class RememberedNeeds {
  #byTopology = new Map<string, NeededMemory>();

  adopt(previous: RememberedNeeds): void {
    this.#byTopology = new Map(previous.#byTopology);
  }

  of(topology: string): NeededMemory | undefined {
    return this.#byTopology.get(topology);
  }

  set(topology: string, memory: NeededMemory): void {
    this.#byTopology.set(topology, memory);
  }

  /** @param byMs by how much the wall clock was set since, back if negative */
  move(byMs: number): void {
    this.#byTopology = new Map([...this.#byTopology].map(([topology, memory]) => [topology, moveNeeded(memory, byMs)]));
  }

  keepOnly(isKept: (topology: string) => boolean): void {
    for (const topology of this.#byTopology.keys()) if (!isKept(topology)) this.#byTopology.delete(topology);
  }
}
