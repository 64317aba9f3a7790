// The results of the evaluation bench as tables: costs per operator, and in Prometheus next to the floor.
import type { EvaluationBench } from './evaluation-bench.js';

/** What is compared: sizes of the fleet on one server, and servers at one size. */
export function evaluationReport(benches: readonly EvaluationBench[]): string[] {
  const rows = benches.map((bench) => {
    const { server, topologies, operators, instances, requests, bytes, wallMs, peakMb } = bench;
    const costs = costsOf(bench);
    const cells = [
      server,
      `${topologies} × ${operators} × ${instances}`,
      requests,
      `${(bytes / 1e6).toPrecision(2)} MB`,
      `${(wallMs / 1000).toPrecision(2)} s`,
      milliseconds(costs.server),
      `${costs.overFloor.toPrecision(2)} ×`,
      milliseconds(costs.own),
      milliseconds(costs.calm),
      `${Math.round(peakMb)} MB`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    'One evaluation. The floor is what any evaluation of five sensors has to ask: `max by (…) (avg_over_time(series[5m]))` of each, once:',
    '',
    '| server | topologies × operators × instances | requests | answers | time | CPU of the server an operator | over the floor | CPU of Dhalion an operator | … in calm moments | memory at its peak |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...rows,
    '',
    ...growthReport(benches),
  ];
}

interface Costs {
  /** CPU time an operator, ms. */
  readonly server: number;
  readonly own: number;
  readonly calm: number;
  readonly overFloor: number;
}

function costsOf(bench: EvaluationBench): Costs {
  const { serverCpuMs, floorCpuMs, ownCpuMs, calmCpuMs, topologies, operators } = bench;
  const count = topologies * operators;
  return {
    server: serverCpuMs / count,
    own: ownCpuMs / count,
    calm: calmCpuMs / count,
    overFloor: serverCpuMs / floorCpuMs,
  };
}

/** Of fleets that differ in nothing but the number of topologies, the two largest, on each server. */
function growthReport(benches: readonly EvaluationBench[]): string[] {
  const servers = [...new Set(benches.map(({ server }) => server))];
  return servers.flatMap((name) => {
    const [large, middle] = benches
      .filter(({ server, instances }) => server === name && instances === benches[0]?.instances)
      .sort((a, b) => b.topologies - a.topologies);
    if (large === undefined || middle === undefined) return [];
    const [costs, base] = [costsOf(large), costsOf(middle)];
    return [
      `${name}, from ${middle.topologies} to ${large.topologies} topologies: an operator costs ` +
        `${(costs.server / base.server).toPrecision(2)} × there and ${(costs.own / base.own).toPrecision(2)} × in Dhalion.`,
      '',
    ];
  });
}

function milliseconds(ms: number): string {
  return `${ms.toPrecision(2)} ms`;
}
