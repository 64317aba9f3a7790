// Secrets are files, read on every use so that a rotated one counts at once. What a secret is for is the caller's business.
import { readFile } from 'node:fs/promises';
import { DhalionError, describeError } from '../errors.js';

/**
 * The file's text without the line break at its end. Rejects with `DhalionError('secret_unreadable')`, which names the
 * path and never the content; an empty file is as bad as none, as when one is caught half-way through being replaced.
 */
export async function readSecretFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DhalionError('secret_unreadable', `secret file ${path} cannot be read: ${describeError(error)}`);
  });
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new DhalionError('secret_unreadable', `secret file ${path} is empty`);
  return secret;
}
