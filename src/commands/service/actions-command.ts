// `dhalion actions`: prints the action log, newest first. `dhalion cancel ID`: cancels an action.
import { renderActions } from '../../http/page/browser/log-views.js';
import { renderLines } from './terminal-text.js';
import { styleOf, writeJson, writeLines, type ServiceCommand } from './terminal-output.js';

export interface ActionsFilter {
  /** null: all topologies. */
  readonly topology: string | null;
  readonly limit: number;
}

export async function actionsCommand(command: ServiceCommand, { topology, limit }: ActionsFilter): Promise<void> {
  const { api, format } = command;
  // A misspelt name would have no actions, and nobody would notice.
  if (topology !== null) await api.topology(topology);
  const actions = await api.actions({ topology, limit });
  if (format === 'json') writeJson(command, actions);
  else writeLines(command, renderLines([renderActions(actions, api.nowMs())], styleOf(command)));
}

export async function cancelCommand({ api, write }: ServiceCommand, id: string): Promise<void> {
  await api.cancelAction(id);
  write(`Action ${id} is cancelled: it is not sent again, not judged, not reverted.\n`);
}
