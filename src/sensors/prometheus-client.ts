// Prometheus' HTTP API, as far as it is used here.

/** One series of an instant vector; NaN and infinities come as such. */
export interface VectorSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusClient {
  /**
   * Runs one instant query. Rejects with a `DhalionError` (codes prometheus_*), also when the answer is partial:
   * any warning that is not one of the PromQL engine's own annotations.
   * @param atMs evaluation time, unix ms
   */
  query(promql: string, atMs: number, signal: AbortSignal): Promise<VectorSample[]>;
}
