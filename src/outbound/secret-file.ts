// Secrets are files, read on every use so that a rotated one counts at once. What a secret is for is the caller's business.
import { DhalionError, describeError } from '../errors.js';
import { MAX_SECRET_BYTES, readRegularFile } from '../regular-file.js';

/**
 * The file's text without the line break at its end. Rejects with `DhalionError('secret_unreadable')`, which names the
 * path and never the content; an empty file is as bad as none, as when one is caught half-way through being replaced.
 */
export async function readSecretFile(path: string): Promise<string> {
  const content = await readRegularFile(path, MAX_SECRET_BYTES).catch((error: unknown) => {
    throw new DhalionError('secret_unreadable', `secret file ${path} ${describeError(error)}`);
  });
  const secret = content.toString('utf8').replace(/\r?\n$/, '');
  if (secret === '') throw new DhalionError('secret_unreadable', `secret file ${path} is empty`);
  return secret;
}
