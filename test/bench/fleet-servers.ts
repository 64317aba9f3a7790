// The servers for measuring the cost of an evaluation: the installed Prometheus, and those built by `npm run compat`, if
// available. All have the same history of a fleet.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { onFreePort, startChildProgram } from '../../src/real-parts/child-program.js';
import type { RunningServer } from '../../src/real-parts/local-server.js';
import { compatFolder } from '../compat/compat-programs.js';
import { programPath, runTool } from '../support/real-parts.js';
import { fleetHistory, startOnBlocks, writeFleetBlocks, type FleetSize } from './flink-fleet.js';

export interface FleetServer {
  readonly name: string;
  /** Asked for with every query. */
  readonly queryParams: Readonly<Record<string, string>>;
  readonly start: () => Promise<RunningServer>;
}

/** The installed Prometheus comes first. One at a time may run: those that can read its blocks have them in common. */
export async function fleetServers(
  folder: string,
  size: FleetSize,
  { others }: { readonly others: boolean },
): Promise<FleetServer[]> {
  await writeFleetBlocks(folder, size);
  const prometheus = await programPath('prometheus');
  const { output } = await runTool('promtool', ['--version']);
  const name = `Prometheus ${/version (\d+\.\d+)/.exec(output)?.[1] ?? '(unknown)'}`;
  const servers: FleetServer[] = [{ name, queryParams: {}, start: () => startOnBlocks(prometheus, folder) }];
  if (!others) return servers;
  const [newer, victoriaMetrics] = ['prometheus', 'victoria-metrics'].map((name) =>
    join(compatFolder(process.env), name),
  );
  if (newer !== undefined && (await isExecutable(newer))) {
    servers.push({ name: 'Prometheus 3', queryParams: {}, start: () => startOnBlocks(newer, folder) });
  }
  if (victoriaMetrics !== undefined && (await isExecutable(victoriaMetrics))) {
    const start = (): Promise<RunningServer> =>
      startVictoriaMetrics(victoriaMetrics, join(folder, 'victoria-metrics'), size);
    // What it remembers of an earlier evaluation would be the cost of none.
    servers.push({ name: 'VictoriaMetrics', queryParams: { nocache: '1' }, start });
  }
  return servers;
}

async function startVictoriaMetrics(program: string, folder: string, size: FleetSize): Promise<RunningServer> {
  const server = await onFreePort(async (port) => {
    const url = `http://127.0.0.1:${port}`;
    const child = await startChildProgram({
      name: 'VictoriaMetrics',
      program,
      args: [
        `-httpListenAddr=127.0.0.1:${port}`,
        `-storageDataPath=${folder}`,
        '-retentionPeriod=100y',
        '-search.maxUniqueTimeseries=1000000',
        '-search.maxQueryLen=1MB',
        '-loggerLevel=WARN',
      ],
      readyUrl: `${url}/health`,
    });
    return { ...child, url };
  });
  try {
    for (const text of fleetHistory(size)) await post(`${server.url}/api/v1/import/prometheus`, inMilliseconds(text));
    await post(`${server.url}/internal/force_flush`, '');
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function inMilliseconds(lines: string): string {
  return lines.replaceAll(/ (\d+)$/gm, ' $1000');
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
