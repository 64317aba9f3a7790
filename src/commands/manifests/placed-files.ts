// Where the files that a configuration names are in the pod: below one folder, from one Secret with a key each. Pure.
import { posix } from 'node:path';

/** Where the pod has the configuration and all files that it names. */
export const CONFIG_FOLDER = '/etc/dhalion';
/** In that folder, from the ConfigMap. */
export const CONFIG_NAME = 'dhalion.yml';
/** In that folder, of `--web.config.file`. */
export const WEB_CONFIG_NAME = 'web.yml';
const TAKEN_NAMES: readonly string[] = [CONFIG_NAME, WEB_CONFIG_NAME];

/** Where each pod has its service account's token, and the certificate of the API server's authority. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const SERVICE_ACCOUNT_FILES = ['token', 'ca.crt', 'namespace'].map((name) => posix.join(SERVICE_ACCOUNT_FOLDER, name));

export const UNPLACED = `must be below ${CONFIG_FOLDER}, where the pod has files from the Secret (letters, digits, -, _ and . only), or the token or ca.crt in ${SERVICE_ACCOUNT_FOLDER}`;

export interface PlacedFile {
  /** Below CONFIG_FOLDER. */
  readonly path: string;
  /** In the Secret. */
  readonly key: string;
  /** Where it is now, if that is known. */
  readonly source?: string;
}

export type Place = PlacedFile | 'service_account';

/** null: no place in the pod has it. @param path as the configuration has it */
export function placeOf(path: string): Place | null {
  if (SERVICE_ACCOUNT_FILES.includes(posix.normalize(path))) return 'service_account';
  const below = posix.relative(CONFIG_FOLDER, path);
  // A relative path would begin at the working directory of the image.
  return posix.isAbsolute(path) ? placeBelow(below) : null;
}

/** Of a file that is named relative to CONFIG_FOLDER. */
export function placeBelow(path: string): PlacedFile | null {
  const normal = posix.normalize(path);
  const parts = normal.split('/');
  const isUsable = parts.every((part) => /^[-._A-Za-z0-9]+$/.test(part) && part !== '.' && part !== '..');
  // Kubernetes keeps names that begin with two dots for itself.
  if (!isUsable || parts.some((part) => part.startsWith('..')) || TAKEN_NAMES.includes(normal)) return null;
  return { path: normal, key: parts.join('.') };
}
