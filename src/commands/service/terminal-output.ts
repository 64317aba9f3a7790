// Output of the commands that ask a running service.
import type { ServiceApi } from './service-api.js';
import type { TerminalStyle } from './terminal-text.js';

export const OUTPUT_FORMATS = ['text', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export interface ServiceCommand {
  readonly api: ServiceApi;
  readonly format: OutputFormat;
  /** Columns of the output's terminal; null: the output is not a terminal. */
  readonly width: number | null;
  /** Writes text; the text contains its line ends. */
  readonly write: (text: string) => void;
}

export function writeJson({ write }: ServiceCommand, value: unknown): void {
  write(`${JSON.stringify(value, null, 2)}\n`);
}

export function writeLines({ write }: ServiceCommand, lines: readonly string[]): void {
  write(lines.map((line) => `${line}\n`).join(''));
}

/** The command for each button of the status page. */
const COMMANDS: Readonly<Record<string, string>> = { cancel: 'dhalion cancel' };

export function styleOf({ width }: ServiceCommand): TerminalStyle {
  return {
    width,
    commandFor: (order, id) => {
      const command = COMMANDS[order];
      return command === undefined ? null : `${command} ${id}`;
    },
  };
}
