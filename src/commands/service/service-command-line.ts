// Arguments of the commands that ask a running service: status, explain, actions, pause, resume, cancel.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { systemClock } from '../../clock.js';
import { ACTION_KINDS, type ActionKind } from '../../model/resolver.js';
import { OUTPUT_FORMATS, type OutputFormat, type ServiceCommand } from './terminal-output.js';

/** Of the process that runs the command. */
export interface CommandSurroundings {
  readonly stdout: { readonly isTTY: boolean; readonly columns: number; readonly write: (text: string) => unknown };
  readonly setExitCode: (code: number) => void;
}

interface ServiceFlags {
  readonly url: string;
  readonly 'http.config.file'?: string;
  readonly output: OutputFormat;
}

interface PauseFlags extends ServiceFlags {
  readonly duration: string;
  readonly reason: string;
  readonly resolver?: ActionKind;
}

interface ActionsFlags extends ServiceFlags {
  readonly limit: number;
}

const DEFAULT_URL = 'http://127.0.0.1:10017';
const MAX_ACTIONS = 1000;

export function addServiceCommands(program: Command, surroundings: CommandSurroundings): void {
  const withFlags = (command: Command): Command =>
    command
      .option('--url <url>', 'address of the running service', DEFAULT_URL)
      .option('--http.config.file <file>', 'credentials and TLS (YAML, the keys of http_config)')
      .addOption(
        new Option('--output <format>', 'text for people, JSON for scripts')
          .choices([...OUTPUT_FORMATS])
          .default('text'),
      );
  const run = (flags: ServiceFlags, task: (command: ServiceCommand) => Promise<void>): Promise<void> =>
    runWith(flags, surroundings, task);

  withFlags(program.command('status'))
    .description('show the state of a running service and of each topology; exits with 1 if it is not ready')
    .action((flags: ServiceFlags) =>
      run(flags, async (command) => {
        const { statusCommand } = await import('./status-command.js');
        surroundings.setExitCode(await statusCommand(command));
      }),
    );
  withFlags(program.command('explain'))
    .description(
      'show the measurements of a topology, its culprit, the recommended action, and why Dhalion acts or holds',
    )
    .argument('<topology>', 'name of the topology')
    .action((topology: string, flags: ServiceFlags) =>
      run(flags, async (command) => {
        const { explainCommand } = await import('./explain-command.js');
        await explainCommand(command, topology);
      }),
    );
  withFlags(program.command('actions'))
    .description('list the newest actions and their outcomes')
    .argument('[topology]', 'only actions of this topology')
    .option('--limit <n>', 'maximum number of actions', parseLimit, 20)
    .action((topology: string | undefined, flags: ActionsFlags) =>
      run(flags, async (command) => {
        const { actionsCommand } = await import('./actions-command.js');
        await actionsCommand(command, { topology: topology ?? null, limit: flags.limit });
      }),
    );
  withFlags(program.command('pause'))
    .description('hold new actions, repeated calls and reverts for a while; survives a restart')
    .argument('[topology]', 'name of the topology (default: everything)')
    .option('--duration <duration>', 'duration, such as 30m, 2h or 1d', '2h')
    .requiredOption('--reason <text>', 'reason, shown with the pause')
    .addOption(new Option('--resolver <resolver>', 'pause only this resolver').choices([...ACTION_KINDS]))
    .action((topology: string | undefined, flags: PauseFlags) =>
      run(flags, async (command) => {
        const { pauseCommand } = await import('./pause-command.js');
        const { duration, reason, resolver = null } = flags;
        await pauseCommand(command, { topology: topology ?? null, resolver, duration, reason });
      }),
    );
  withFlags(program.command('resume'))
    .description('end the pauses of a topology')
    .argument('[topology]', 'name of the topology (default: the pauses of everything)')
    .action((topology: string | undefined, flags: ServiceFlags) =>
      run(flags, async (command) => {
        const { resumeCommand } = await import('./pause-command.js');
        await resumeCommand(command, topology ?? null);
      }),
    );
  withFlags(program.command('cancel'))
    .description('cancel an action: it is not sent again, not judged and not reverted')
    .argument('<id>', 'id, as listed by actions')
    .action((id: string, flags: ServiceFlags) =>
      run(flags, async (command) => {
        const { cancelCommand } = await import('./actions-command.js');
        await cancelCommand(command, id);
      }),
    );
}

async function runWith(
  flags: ServiceFlags,
  { stdout }: CommandSurroundings,
  task: (command: ServiceCommand) => Promise<void>,
): Promise<void> {
  const [{ createServiceApi }, { loadHttpConfig }] = await Promise.all([
    import('./service-api.js'),
    import('../load-configuration.js'),
  ]);
  const http = await loadHttpConfig(flags['http.config.file'] ?? null);
  const api = createServiceApi({ url: flags.url, http, clock: systemClock });
  try {
    await task({
      api,
      format: flags.output,
      width: stdout.isTTY ? stdout.columns : null,
      write: (text) => stdout.write(text),
    });
  } finally {
    api.close();
  }
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ACTIONS) {
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_ACTIONS}.`);
  }
  return limit;
}
