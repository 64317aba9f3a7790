// How a command about a running service tells what it was answered.
import type { ServiceApi } from './service-api.js';
import type { TerminalStyle } from './terminal-text.js';

export const OUTPUT_FORMATS = ['text', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export interface ServiceCommand {
  readonly api: ServiceApi;
  readonly format: OutputFormat;
  /** Of the terminal that is written to, columns; null: it is none. */
  readonly width: number | null;
  /** Takes text that ends its lines. */
  readonly write: (text: string) => void;
}

export function writeJson({ write }: ServiceCommand, value: unknown): void {
  write(`${JSON.stringify(value, null, 2)}\n`);
}

export function writeLines({ write }: ServiceCommand, lines: readonly string[]): void {
  write(lines.map((line) => `${line}\n`).join(''));
}

/** What a button of the status page is here. */
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
