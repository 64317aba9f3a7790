import { benchEvaluation } from './evaluation-bench.js';
for (const [topologies, rounds] of [[10,15],[100,9],[1000,3]] as const) {
  const r = await benchEvaluation({ topologies, operators: 10, instances: Number(process.argv[2] ?? 2), rounds });
  console.log(r, r.wallMs/topologies/10, r.ownCpuMs/topologies/10);
}
