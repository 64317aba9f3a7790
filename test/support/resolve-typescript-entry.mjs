// The entry of a thread is named by its compiled file (`new Worker(new URL('./bcrypt-worker.js', …))`). Here it is its source.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function resolve(specifier, context, nextResolve) {
  const isMissing = specifier.startsWith('file:') && specifier.endsWith('.js') && !existsSync(fileURLToPath(specifier));
  return nextResolve(isMissing ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}
