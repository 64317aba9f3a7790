import { createLogger } from '../../src/logger.js';

/** Formats what a service in use would log, and throws it away. */
export const SILENT_LOGGER = createLogger({ level: 'info', format: 'logfmt' }, { write: () => undefined });
