// `dhalion pause [TOPOLOGY]`, `dhalion resume [TOPOLOGY]`: a person's order to do nothing for a while, and its end.
import type { Pause } from '../../http/page/browser/api-types.js';
import { describePause, nameOf } from './describe-pause.js';
import type { PauseOrder } from './service-api.js';
import { writeJson, writeLines, type ServiceCommand } from './terminal-output.js';

export async function pauseCommand(command: ServiceCommand, order: PauseOrder): Promise<void> {
  const pause = await command.api.addPause(order);
  if (command.format === 'json') writeJson(command, pause);
  else {
    writeLines(command, [
      `${describePause(pause, command.api.nowMs())}. To end it: ${resumeCommandFor(order.topology)}`,
    ]);
  }
}

/**
 * Ends the pauses of exactly this topology. A pause of everything still applies to a resumed topology; the output says so.
 * @param topology null: the pauses of everything
 */
export async function resumeCommand(command: ServiceCommand, topology: string | null): Promise<void> {
  const { api, format } = command;
  const pauses = await api.pauses();
  const ended = pauses.filter((pause) => pause.topology === topology);
  // A misspelt name has no pauses either.
  if (ended.length === 0 && topology !== null) await api.topology(topology);
  for (const { id } of ended) await api.endPause(id);
  const left = pauses.filter((pause) => !ended.includes(pause) && isHolding(pause, topology));
  if (format === 'json') {
    writeJson(command, { ended, left });
    return;
  }
  const nowMs = api.nowMs();
  writeLines(command, [
    ended.length === 0
      ? `No pause of ${nameOf(topology)} is in force.`
      : `${nameOf(topology)} is no longer paused (${ended.length === 1 ? '1 pause' : `${ended.length} pauses`} ended).`,
    ...left.map((pause) => `Still in force: ${describePause(pause, nowMs)}`),
  ]);
}

/** For copying. A name with shell characters is replaced by a placeholder. */
function resumeCommandFor(topology: string | null): string {
  if (topology === null) return 'dhalion resume';
  return `dhalion resume ${/^[\w.-]+$/.test(topology) ? topology : 'TOPOLOGY'}`;
}

/** True if the pause still holds something that was resumed. */
function isHolding({ topology: paused }: Pause, resumed: string | null): boolean {
  return resumed === null || paused === null;
}
