// The current web configuration: read again when it or a file named in it has changed. One that became invalid admits nobody until
// it is valid again: the old one would admit those whom the change was meant to exclude.
import { renderFaults } from '../grammar/config-fault.js';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import { MAX_CONFIGURATION_BYTES, MAX_SECRET_BYTES } from '../regular-file.js';
import { createTrackedFiles } from './tracked-files.js';
import { hasCredentials, parseWebConfig, type WebConfig } from './web-config.js';

export interface LiveWebConfig {
  /** As at the start of the server. */
  readonly initial: WebConfig;
  /** null: it is invalid now; the reason is in the log, once. */
  current(): WebConfig | null;
}

type Loaded = { readonly webConfig: WebConfig } | { readonly problem: string };

/** Throws `DhalionError` config_unreadable, or config_invalid with a line per fault. */
export function openWebConfig(file: string, logger: Pick<Logger, 'info' | 'warn' | 'error'>): LiveWebConfig {
  let files = createTrackedFiles();
  const initial = loadWebConfig(file, files);
  let hadCredentials = hasCredentials(initial);
  let loaded: Loaded = { webConfig: initial };
  warnOfCosts(initial, file, logger);

  const reload = (): Loaded => {
    files = createTrackedFiles();
    try {
      const webConfig = loadWebConfig(file, files);
      const problem = problemOfChange(initial, webConfig, hadCredentials);
      if (problem !== null) return { problem: `${file}: ${problem}` };
      hadCredentials ||= hasCredentials(webConfig);
      return { webConfig };
    } catch (error) {
      return { problem: describeError(error) };
    }
  };
  const note = (before: Loaded): void => {
    if (!('problem' in loaded)) {
      logger.info({ file }, 'reloaded the web configuration');
      warnOfCosts(loaded.webConfig, file, logger);
    } else if (!('problem' in before) || before.problem !== loaded.problem) {
      logger.error({ error: loaded.problem }, 'the web configuration cannot be used: requests are refused');
    }
  };
  return {
    initial,
    current: () => {
      if (files.haveChanged()) {
        const before = loaded;
        loaded = reload();
        note(before);
      }
      return 'webConfig' in loaded ? loaded.webConfig : null;
    },
  };
}

/** Each step of the cost doubles the time for a password that is not remembered yet. */
const USUAL_MAX_COST = 12;

function warnOfCosts({ users }: WebConfig, file: string, logger: Pick<Logger, 'warn'>): void {
  for (const [user, hash] of users) {
    const cost = Number(hash.split('$')[2]);
    if (cost <= USUAL_MAX_COST) continue;
    const advice = `basic_auth_users.${user}: bcrypt cost is above ${USUAL_MAX_COST}: each check takes seconds and delays others; use cost 10 (htpasswd -nBC 10)`;
    logger.warn({ file, user, cost }, advice);
  }
}

function loadWebConfig(file: string, files: ReturnType<typeof createTrackedFiles>): WebConfig {
  const parsed = parseWebConfig(readText(file, files), {
    file,
    readFile: (path) => files.read(path, MAX_SECRET_BYTES),
  });
  if ('webConfig' in parsed) return parsed.webConfig;
  throw new DhalionError('config_invalid', renderFaults(parsed, file).join('\n'));
}

function readText(file: string, files: ReturnType<typeof createTrackedFiles>): string {
  try {
    return files.read(file, MAX_CONFIGURATION_BYTES).toString('utf8');
  } catch (error) {
    throw new DhalionError('config_unreadable', `the web configuration ${file} ${describeError(error)}`);
  }
}

/** A change that the running server cannot apply, or that would remove authentication. */
function problemOfChange(initial: WebConfig, next: WebConfig, hadCredentials: boolean): string | null {
  if ((initial.tls === null) !== (next.tls === null)) {
    return `tls_server_config was ${next.tls === null ? 'removed' : 'added'}: restart required`;
  }
  if (initial.tls?.clientAuthType !== next.tls?.clientAuthType) {
    return 'tls_server_config.client_auth_type was changed: restart required';
  }
  if (hadCredentials && !hasCredentials(next)) return 'it no longer requires credentials: restart required';
  return null;
}
