// The Markdown files of the repository, and the parts of them that tests check.
import { readdir, readFile } from 'node:fs/promises';

const ROOT = new URL('../../', import.meta.url);

/** Reads a file of the repository by its path from the root. */
export function readDocument(path: string): Promise<string> {
  return readFile(new URL(path, ROOT), 'utf8');
}

/** Paths of all Markdown files, without those of packages. */
export async function documentPaths(): Promise<readonly string[]> {
  const folders = (await readdir(ROOT, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist', '.tap', '.git'].includes(entry.name))
    .map(({ name }) => name);
  const inFolders = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(new URL(`${folder}/`, ROOT), { recursive: true })).map((path) => `${folder}/${path}`),
    ),
  );
  return [...(await readdir(ROOT)), ...inFolders.flat()].filter((path) => path.endsWith('.md'));
}

/** All Markdown files, with their paths from the root. */
export async function readDocuments(): Promise<readonly MarkdownDocument[]> {
  const paths = await documentPaths();
  return Promise.all(paths.map(async (path) => ({ path, markdown: await readDocument(path) })));
}

export interface MarkdownDocument {
  readonly path: string;
  readonly markdown: string;
}

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** The heading above it, without its marks. */
  readonly heading: string;
}

export function codeBlocksOf(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^( *)```(\w*)\n([\s\S]*?)\n\1```$/gm)].map((match) => {
    const [, indent = '', language = '', text = ''] = match;
    const headings = [...proseOf(markdown.slice(0, match.index)).matchAll(/^#+ (.*)$/gm)];
    return {
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), '') + '\n',
      heading: headings.at(-1)?.[1] ?? '',
    };
  });
}

/** The text outside code blocks. */
export function proseOf(markdown: string): string {
  return markdown.replaceAll(/^( *)```[\s\S]*?\n\1```$/gm, '');
}

/** First cells of the table whose first column has this heading, without code marks. */
export function firstCellsOf(markdown: string, head: string): readonly string[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\| ${head} +\\|`).test(line));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) => (line.split('|')[1] ?? '').trim().replaceAll('`', ''));
}

/** The anchors of a document's headings, as GitHub forms them. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...proseOf(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
