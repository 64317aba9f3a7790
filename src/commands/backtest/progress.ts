// A progress bar on a terminal; nothing elsewhere, since a log has no use for it.
import cliProgress from 'cli-progress';

export interface Progress {
  /** Advances by one step. */
  advance(): void;
  stop(): void;
}

/** @param terminal null: no bar */
export function createProgress(terminal: NodeJS.WriteStream | null, steps: number): Progress {
  if (terminal === null) return { advance: () => undefined, stop: () => undefined };
  const bar = new cliProgress.SingleBar(
    {
      format: 'backtest {bar} {percentage} %, step {value} of {total}, {eta_formatted} left',
      formatTime: (seconds, options, roundTo) =>
        Number.isFinite(seconds) ? cliProgress.Format.TimeFormat(seconds, options, roundTo) : '?',
      stream: terminal,
      hideCursor: true,
      clearOnComplete: true,
      // The command handles interrupts itself.
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(steps, 0);
  return {
    advance: () => {
      bar.increment();
    },
    stop: () => {
      bar.stop();
    },
  };
}
