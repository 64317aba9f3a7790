// No file of src imports itself, however long the way: neither values nor types alone.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';

type Imports = ReadonlyMap<string, readonly string[]>;

/** By file, the files that it imports. */
async function importsBelow(folder: string): Promise<Imports> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const read = async (file: string): Promise<[string, string[]]> => {
    const { importedFiles } = ts.preProcessFile(await readFile(join(folder, file), 'utf8'));
    const relative = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
    return [file, relative.map((name) => join(file, '..', name).replace(/\.js$/, '.ts'))];
  };
  return new Map(await Promise.all(files.map(read)));
}

/** The first circle that is found, as the way around it; null: there is none. */
function findCircle(imports: Imports): readonly string[] | null {
  const done = new Set<string>();
  const follow = (file: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const imported of imports.get(file) ?? []) {
      const circle = follow(imported, [...way, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const circle = follow(file, []);
    if (circle !== null) return circle;
  }
  return null;
}

await t.test('no file imports itself', async (t) => {
  const imports = await importsBelow('src');
  t.ok(imports.size > 300, `${imports.size} files`);
  t.ok(imports.get('health-manager.ts')?.includes('control-loop/control-loop.ts'), 'paths are those of the files');
  t.equal(findCircle(imports)?.join(' → ') ?? null, null);
});

await t.test('a circle is found however it is entered', (t) => {
  const imports = { 'a.ts': ['b.ts', 'c.ts'], 'b.ts': [], 'c.ts': ['b.ts', 'd.ts'], 'd.ts': ['c.ts'] };
  t.strictSame(findCircle(new Map(Object.entries(imports))), ['c.ts', 'd.ts', 'c.ts']);
  t.end();
});
