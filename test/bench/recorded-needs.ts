// What Prometheus has recorded of the instances that a fleet needed, answered without a Prometheus: a process that begins to look
// at the fleet reads it once. In another thread, so that only the reading is measured.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { fleetOperatorName, fleetTopologyName, type FleetSize } from './flink-fleet.js';

/** Answers any range query with a point of each operator at each instant. */
export async function startRecordedNeeds({
  topologies,
  operators,
}: FleetSize): Promise<{ readonly url: string; stop: () => Promise<unknown> }> {
  const series = Array.from({ length: topologies * operators }, (_, index) => ({
    topology: fleetTopologyName(Math.floor(index / operators)),
    operator: fleetOperatorName(index % operators),
  }));
  const worker = new Worker(ANSWERER, { eval: true, workerData: { series } });
  const [port] = (await once(worker, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: () => worker.terminate() };
}

/** Plain JavaScript: a worker has no loader for anything else. */
const ANSWERER = `
const { createServer } = require('node:http');
const { parentPort, workerData: { series } } = require('node:worker_threads');
const server = createServer(async (request, response) => {
  let form = '';
  for await (const chunk of request) form += chunk;
  const params = new URLSearchParams(form);
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(params.get(name)));
  const values = [];
  for (let at = start; at <= end; at += step) values.push('[' + at + ',"2"]');
  response.sendDate = false;
  response.write('{"status":"success","data":{"resultType":"matrix","result":[');
  series.forEach((metric, index) => {
    response.write((index === 0 ? '' : ',') + '{"metric":' + JSON.stringify(metric) + ',"values":[' + values.join(',') + ']}');
  });
  response.end(']}}');
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
