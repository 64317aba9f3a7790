// Paths in the pod of the files named by a configuration: all in one folder, each a key of one Secret. Pure.
import { posix } from 'node:path';

/** The folder in the pod with the configuration and all files that it names. */
export const CONFIG_FOLDER = '/etc/dhalion';
/** In that folder, from the ConfigMap. */
export const CONFIG_NAME = 'dhalion.yml';
/** In that folder, the file of `--web.config.file`. */
export const WEB_CONFIG_NAME = 'web.yml';
const TAKEN_NAMES: readonly string[] = [CONFIG_NAME, WEB_CONFIG_NAME];

/** The folder in each pod with the service account's token and the API server's CA certificate. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const SERVICE_ACCOUNT_FILES = ['token', 'ca.crt', 'namespace'].map((name) => posix.join(SERVICE_ACCOUNT_FOLDER, name));

export const UNPLACED = `must be below ${CONFIG_FOLDER}, the folder of the Secret's files (letters, digits, -, _ and . only), or the token or ca.crt in ${SERVICE_ACCOUNT_FOLDER}`;

export interface PlacedFile {
  /** Below CONFIG_FOLDER. */
  readonly path: string;
  /** Key in the Secret. */
  readonly key: string;
  /** Where the file is now; null: unknown. */
  readonly source?: string;
}

export type Place = PlacedFile | 'service_account';

/** null: the pod has no such file. @param path as written in the configuration */
export function placeOf(path: string): Place | null {
  if (SERVICE_ACCOUNT_FILES.includes(posix.normalize(path))) return 'service_account';
  const below = posix.relative(CONFIG_FOLDER, path);
  // A relative path would start at the image's working directory.
  return posix.isAbsolute(path) ? placeBelow(below) : null;
}

/** For a file named relative to CONFIG_FOLDER. */
export function placeBelow(path: string): PlacedFile | null {
  const normal = posix.normalize(path);
  const parts = normal.split('/');
  const isUsable = parts.every((part) => /^[-._A-Za-z0-9]+$/.test(part) && part !== '.' && part !== '..');
  // Kubernetes reserves names that begin with two dots.
  if (!isUsable || parts.some((part) => part.startsWith('..')) || TAKEN_NAMES.includes(normal)) return null;
  return { path: normal, key: parts.join('.') };
}
