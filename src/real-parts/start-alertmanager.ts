// Runs a real Alertmanager on loopback, alone (no gossip), its files under one folder.
import { startLocalServer, type LocalServerStart, type RunningServer } from './local-server.js';

const ALERTMANAGER = {
  name: 'Alertmanager',
  configFile: 'alertmanager.yml',
  args: (data: string) => [`--storage.path=${data}`, '--cluster.listen-address='],
};

/**
 * Resolves when it is ready to take alerts. Rejects with `part_failed`; the message contains the log's tail. Below data/ it keeps
 * silences and the notification log.
 */
export function startAlertmanager(options: LocalServerStart): Promise<RunningServer> {
  return startLocalServer(ALERTMANAGER, options);
}
