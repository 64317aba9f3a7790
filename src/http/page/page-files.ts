// The files of the status page, read once: the build's output for browser/, and the graph layout's own bundle.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The same path from src/ and from dist/. */
const FOLDER = fileURLToPath(new URL('../../../dist/page/http/page/browser/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

export interface PageFiles {
  /** Changes with any file: an address with this digest may be cached for ever. */
  readonly digest: string;
  readonly byName: ReadonlyMap<string, PageFile>;
}

/** Throws if the browser part has not been built. */
export function readPageFiles(folder = FOLDER): PageFiles {
  if (!existsSync(folder)) throw new Error(`the status page is not built, ${folder} is missing: npm run build`);
  const names = readdirSync(folder).filter((name) => extname(name) in TYPES);
  const files = names.sort().map((name): [string, PageFile] => [name, readPageFile(join(folder, name))]);
  const byName = new Map([...files, ['dagre.js', readPageFile(dagreBundle())]]);
  const hash = createHash('sha256');
  for (const [name, { body }] of byName) hash.update(`${name} ${body.length} `).update(body);
  return { digest: hash.digest('hex').slice(0, 16), byName };
}

function readPageFile(path: string): PageFile {
  return { type: TYPES[extname(path)] ?? 'application/octet-stream', body: readFileSync(path) };
}

/** The package exports only its main file; the bundle for browsers is next to it. */
function dagreBundle(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@dagrejs/dagre')), 'dagre.esm.js');
}
