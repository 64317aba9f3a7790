// What both renderings of a simulated topology have in common: they look at every step, and print when they are scraped.
import type { TopologyState } from './topology-state.js';

export interface Exposition {
  /** Call after every step, and once before the first. */
  observe(state: TopologyState): void;
  /** Prometheus text format 0.0.4. @param nowMs unix time, for formats that stamp their samples */
  render(nowMs: number): string;
  /** Index of the instance that its series call `operatorInstance`; null if there is none. */
  instanceIndex(operator: string, operatorInstance: string): number | null;
}
