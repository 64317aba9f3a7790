// Whether Prometheus' own parser accepts an exposition: promtool's exit status distinguishes a parse error (1) from lint (3).
import { spawn } from 'node:child_process';
import { programPath } from './real-parts.js';

export interface MetricsCheck {
  /** Lint about names does not count: the engines choose their own names. */
  readonly isReadable: boolean;
  readonly output: string;
}

export async function checkMetrics(exposition: string): Promise<MetricsCheck> {
  const program = await programPath('promtool');
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['check', 'metrics'], { timeout: 30_000 });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ isReadable: code === 0 || code === 3, output });
    });
    child.stdin.end(exposition);
  });
}
