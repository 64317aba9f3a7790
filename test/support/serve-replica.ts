// A process of its own: the whole service as one of several replicas, with a short lease so that a test need not wait for it,
// and its log on stdout. Arguments: configuration file, port, lease in ms.
import { systemClock } from '../../src/clock.js';
import { loadConfiguration } from '../../src/commands/load-configuration.js';
import { startService } from '../../src/commands/start-service.js';
import { parseListenAddress } from '../../src/http/listen-address.js';
import { createLogger } from '../../src/logger.js';

const [configFile = '', port = '', leaseMs = ''] = process.argv.slice(2);
await startService({
  configuration: await loadConfiguration(configFile),
  listenAddress: parseListenAddress(`127.0.0.1:${port}`),
  allowUnauthenticated: false,
  clock: systemClock,
  logger: createLogger({ level: 'info', format: 'json' }, { write: (line) => process.stdout.write(line) }),
  nodeVersion: process.version,
  revision: 'test',
  leaseMs: Number(leaseMs),
});
