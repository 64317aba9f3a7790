// argv → command: arguments, signals, streams and exit codes of the given process. Modules that only one command needs are
// loaded when it runs: the service is half of what is in memory.
import { setFlagsFromString } from 'node:v8';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from './clock.js';
import { checkConfigCommand } from './commands/check-config-command.js';
import { INSTANT_FORMS } from './commands/backtest/parse-instant.js';
import { checkOnline } from './commands/check-online.js';
import { addRulesCommand } from './commands/rules/rules-command-line.js';
import { addManifests } from './commands/manifests/manifests-command-line.js';
import { addServiceCommands } from './commands/service/service-command-line.js';
import { isReadable, readConfiguration } from './commands/load-configuration.js';
import { DhalionError, describeError } from './errors.js';
import { createLogOutput, type LogOutput } from './log-output.js';
import { createLogger, LOG_FORMATS, LOG_LEVELS, type LogFormat, type Logger, type LogLevel } from './logger.js';
import { BUILT_IN_ENGINES } from './sensors/engines/built-in-engines.js';
import { VERSION } from './version.js';

const DEFAULT_MAX_BODY_MIB = 10;

/**
 * How much the heap of a backtest may grow, in percent of what the last collection left, before the next one. V8 would let it grow to
 * four times as much; most of what a backtest allocates is garbage one step later.
 */
const BACKTEST_HEAP_GROWTH = 100;

interface LogFlags {
  readonly 'log.level': LogLevel;
  readonly 'log.format': LogFormat;
}

interface ServeFlags extends LogFlags {
  readonly 'config.file': string;
  readonly 'web.listenAddress': string;
  readonly 'web.config.file'?: string;
  readonly 'web.allowUnauthenticated'?: boolean;
  readonly 'web.maxBodySize': number;
  readonly 'storage.path'?: string;
  readonly 'storage.wait'?: boolean;
}

interface BacktestFlags {
  readonly 'config.file': string;
  readonly from: string;
  readonly to: string;
  readonly step?: string;
  readonly 'output.json'?: string;
  readonly 'output.html'?: string;
}

/** Exit status of an interrupted command, as in shells: 128 plus the signal's number. */
const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Exit status of a command whose reader is gone, as after SIGPIPE. */
const READER_GONE_STATUS = 141;

interface WatchedOutput {
  readonly process: NodeJS.Process;
  readonly logOutput: LogOutput;
  /** Aborts when stdout cannot be written. */
  readonly lost: AbortSignal;
  /** Exit status of a command whose output is lost, whatever its result; null: the output is not lost. */
  status(): number | null;
}

/** Sets the exit status. Rejects with faults of the program, not of the user, the configuration or the environment. */
export async function runCommandLine(process: NodeJS.Process): Promise<void> {
  const output = watchOutput(process);
  const program = new Command('dhalion')
    .description('Self-regulating autoscaler for stream processors behind Prometheus.')
    .version(`dhalion ${VERSION}`, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .showHelpAfterError('(dhalion --help lists the commands, dhalion COMMAND --help the flags of one)');
  for (const add of [addServe, addCheck, addBacktest]) add(program, output);
  addServiceCommands(program, {
    stdout: process.stdout,
    setExitCode: (code) => (process.exitCode = code),
  });
  addRulesCommand(program, (text) => process.stdout.write(text));
  addManifests(program, {
    writeOut: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
  });
  addDemo(program, output);
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof DhalionError)) throw error;
    process.stderr.write(`dhalion: ${describeError(error)}\n`);
    process.exitCode = 1;
  } finally {
    process.exitCode = output.status() ?? process.exitCode;
  }
}

function watchOutput(process: NodeJS.Process): WatchedOutput {
  const lost = new AbortController();
  let status: number | null = null;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (status !== null) return;
    status = code === 'EPIPE' ? READER_GONE_STATUS : 1;
    process.exitCode = status;
    if (code !== 'EPIPE') process.stderr.write(`dhalion: the output cannot be written: ${message}\n`);
    lost.abort();
  });
  return { process, logOutput: createLogOutput(process.stderr), lost: lost.signal, status: () => status };
}

function addServe(program: Command, output: WatchedOutput): void {
  const { process } = output;
  program
    .command('serve')
    .description('run the service until SIGTERM or SIGINT')
    .requiredOption('--config.file <file>', 'configuration (YAML)')
    .option('--web.listen-address <host:port>', 'where to listen', '127.0.0.1:10017')
    .option('--web.config.file <file>', 'TLS and credentials of the HTTP server (YAML, as exporter-toolkit has it)')
    .option('--web.allow-unauthenticated', 'listen beyond loopback without authentication')
    .option('--web.max-body-size <MiB>', 'largest notification accepted', parseMebibytes, DEFAULT_MAX_BODY_MIB)
    .option(
      '--storage.path <folder>',
      "folder of an embedded action log, instead of the configuration's storage.path or postgres_url_file",
    )
    .option('--storage.wait', 'wait while another process uses the folder of the action log, instead of exiting with 1')
    .addOption(logLevelOption())
    .addOption(logFormatOption())
    .action(async (flags: ServeFlags) => {
      const { serveCommand } = await import('./commands/serve-command.js');
      await serveCommand({
        configFile: flags['config.file'],
        listenAddress: flags['web.listenAddress'],
        webConfigFile: flags['web.config.file'] ?? null,
        allowUnauthenticated: flags['web.allowUnauthenticated'] ?? false,
        maxBodyBytes: flags['web.maxBodySize'] * 1024 * 1024,
        storagePath: flags['storage.path'] ?? null,
        waitForStorage: flags['storage.wait'] ?? false,
        clock: systemClock,
        logger: loggerOf(flags, output),
        logLinesLost: () => output.logOutput.linesLost(),
        nodeVersion: process.version,
        pid: process.pid,
        revision: process.env['DHALION_REVISION'] ?? 'unknown',
        onReloadRequest: (reload) => {
          process.on('SIGHUP', reload);
        },
        signal: untilToldToStop(output),
      });
    });
}

function addCheck(program: Command, output: WatchedOutput): void {
  const { process } = output;
  program
    .command('check')
    .description('check something without running it')
    .command('config')
    .description('report that a configuration is valid, or all its faults')
    .argument('<file>', 'configuration (YAML)')
    .option('--online', 'also run each query once')
    .action(async (file: string, flags: { readonly online?: boolean }) => {
      process.exitCode = await checkConfigCommand({
        file,
        builtInEngines: BUILT_IN_ENGINES,
        readFile: readConfiguration,
        fileExists: isReadable,
        write: (text) => process.stdout.write(text),
        ...(flags.online === true ? { checkOnline } : {}),
      });
    });
}

function addBacktest(program: Command, output: WatchedOutput): void {
  const { process } = output;
  program
    .command('backtest')
    .description(
      'show what the service would have concluded in the past, from the history in Prometheus; calls no webhook',
    )
    .requiredOption('--config.file <file>', 'configuration (YAML)')
    .requiredOption('--from <time>', `first step, at the multiple of the step at or before it: ${INSTANT_FORMS}`)
    .option('--to <time>', 'latest time of a step; not in the future', 'now')
    .option('--step <duration>', "time between steps (default: the configuration's evaluation_interval)")
    .option('--output.json <file>', 'write every step of every operator')
    .option('--output.html <file>', 'write a report with plots, as one self-contained file')
    .action(async (flags: BacktestFlags) => {
      const { backtestCommand } = await import('./commands/backtest/backtest-command.js');
      let exitStatus = 0;
      const signal = untilToldToStop(output, (name) => (exitStatus = EXIT_STATUS[name]));
      setFlagsFromString(`--heap-growing-percent=${BACKTEST_HEAP_GROWTH}`);
      try {
        await backtestCommand({
          configFile: flags['config.file'],
          from: flags.from,
          to: flags.to,
          step: flags.step ?? null,
          jsonFile: flags['output.json'] ?? null,
          htmlFile: flags['output.html'] ?? null,
          clock: systemClock,
          terminal: process.stderr.isTTY ? process.stderr : null,
          width: process.stdout.isTTY ? process.stdout.columns : null,
          write: (text) => process.stdout.write(text),
          signal,
        });
      } catch (error) {
        if (!signal.aborted) throw error;
        if (output.status() === null) process.stderr.write('dhalion: interrupted, no report was written\n');
        process.exitCode = exitStatus;
      }
    });
}

function addDemo(program: Command, output: WatchedOutput): void {
  const { process } = output;
  program
    .command('demo')
    .description('run the whole loop on this machine, with a simulated topology, and narrate it')
    .option('--once', 'end after the story; exits with 0 only if every step was observed')
    .addOption(logLevelOption().default('warn'))
    .action(async (flags: LogFlags & { readonly once?: boolean }) => {
      const { demoCommand } = await import('./commands/demo/demo-command.js');
      await demoCommand({
        once: flags.once ?? false,
        path: process.env['PATH'] ?? '',
        isTerminal: process.stdout.isTTY,
        write: (text) => process.stdout.write(text),
        clock: systemClock,
        logger: loggerOf({ ...flags, 'log.format': 'logfmt' }, output),
        nodeVersion: process.version,
        signal: untilToldToStop(output),
      });
    });
}

function loggerOf(flags: LogFlags, { logOutput }: WatchedOutput): Logger {
  return createLogger({ level: flags['log.level'], format: flags['log.format'] }, logOutput);
}

function logLevelOption(): Option {
  return new Option('--log.level <level>', 'least severe messages to log').choices([...LOG_LEVELS]).default('info');
}

function logFormatOption(): Option {
  return new Option('--log.format <format>', 'format of the log').choices([...LOG_FORMATS]).default('logfmt');
}

/**
 * Aborts when the output is lost, and at the first SIGTERM or SIGINT, after `onSignal`; a second one ends the process at
 * once.
 */
function untilToldToStop(
  { process, lost }: WatchedOutput,
  onSignal: (name: 'SIGTERM' | 'SIGINT') => void = () => undefined,
): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      onSignal(name);
      controller.abort();
    });
  }
  return AbortSignal.any([controller.signal, lost]);
}

function parseMebibytes(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number of MiB above 0.');
  return value;
}
