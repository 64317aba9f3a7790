// How a built-in engine is written down: an entry of `engines:` in the configuration file with nothing left to defaults.
import type { BackpressureReporter, SensorName } from '../../model/measurement.js';

export interface EngineEntry {
  readonly labels: { readonly topology: string; readonly operator: string; readonly operator_instance: string };
  /** Labels of which each topology, operator, and instance between two restarts has one value at a time. */
  readonly identity: {
    readonly topology: string[];
    readonly operator: string[];
    readonly attempt: string[];
  };
  readonly matchers: string;
  /** Step of the sub-queries; null: window / 20, within 1s..1m. */
  readonly resolution: string | null;
  readonly series_ttl: string;
  readonly backpressure_reported_by: BackpressureReporter;
  readonly contiguous_instances: boolean;
  readonly sources: string | null;
  /** Defaults of settings whose meaning depends on what the engine measures. */
  readonly policy: Readonly<Partial<Record<'min_pending_packets_for_skew', number>>>;
  /** An expression, or several: of an instance the first that is above 0 counts, else the first that has a value. */
  readonly sensors: Readonly<Partial<Record<SensorName, string | string[]>>>;
}
