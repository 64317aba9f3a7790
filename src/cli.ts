#!/usr/bin/env node
// The only file that touches process: passes it to the command line, and reports what kept that from running. It imports the
// rest dynamically: Node opens all files that a module imports at once, and with too few descriptors that import fails.

/** The service has 280 files open at once while it loads; the rest is for connections. */
const NEEDED_DESCRIPTORS = 512;

/** Node's errors for files that could not be opened while loading modules, as if they were missing. */
const LOADING_FAULTS = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED']);

try {
  const { runCommandLine } = await import('./run-command-line.js');
  await runCommandLine(process);
} catch (error) {
  process.stderr.write(`dhalion: ${tooFewDescriptors(error) ?? stackOf(error)}\n`);
  process.exitCode = 1;
}

/** A message of one line; null: the fault is another one. */
function tooFewDescriptors(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENFILE') return `the machine has no file descriptors left: ${error.message}`;
  const isLoading = LOADING_FAULTS.has(code) || error instanceof SyntaxError;
  if (code !== 'EMFILE' && !isLoading) return null;
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits: { readonly open_files: { readonly soft: number | string } };
  };
  const limit = Number(userLimits.open_files.soft);
  if (isLoading && !(limit < NEEDED_DESCRIPTORS)) return null;
  return (
    `too few file descriptors: this process may have ${limit} open, and dhalion needs ${NEEDED_DESCRIPTORS} ` +
    `(ulimit -Hn, LimitNOFILE of systemd): ${error.message.split('\n', 1).join()}`
  );
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
