// The version of the package, from package.json: the same path from src/ and from dist/.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

export const VERSION = manifest.version;
export const USER_AGENT = `dhalion/${VERSION}`;
