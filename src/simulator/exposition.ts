// The interface of both renderings of a simulated topology: they observe every step, and render when they are scraped.
import type { TopologyState } from './topology-state.js';

export interface Exposition {
  /** Call after every step, and once before the first. */
  observe(state: TopologyState): void;
  /** Prometheus text format 0.0.4. @param nowMs Unix time, for formats that stamp their samples */
  render(nowMs: number): string;
  /** Index of the instance whose series have the label `operatorInstance`; null: there is none. */
  instanceIndex(operator: string, operatorInstance: string): number | null;
}
