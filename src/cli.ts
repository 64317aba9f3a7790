#!/usr/bin/env node
// The only file that touches process: hands it to the command line, and says what kept that from running. It loads everything
// else itself, since Node opens all files that a module imports at once: where too few may be open, that is what fails.

/** 280 are open at once while the service is loaded; the rest is for connections. */
const NEEDED_DESCRIPTORS = 512;

/** What Node makes of files that could not be opened while modules are loaded: as if they were not there. */
const LOADING_FAULTS = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED']);

try {
  const { runCommandLine } = await import('./run-command-line.js');
  await runCommandLine(process);
} catch (error) {
  process.stderr.write(`dhalion: ${tooFewDescriptors(error) ?? stackOf(error)}\n`);
  process.exitCode = 1;
}

/** In one line; null: that is not what is wrong. */
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
