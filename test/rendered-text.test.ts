import t from 'tap';
import { renderText, SharedText, type RenderedText } from '../src/rendered-text.js';

const textOf = (text: RenderedText): string => Buffer.concat(text.chunks).toString();

await t.test('small parts become few chunks, and nothing is lost between them', async (t) => {
  const parts = Array.from({ length: 100_000 }, (_, index) => `☃${index}\n`);
  const text = await renderText(parts);
  t.equal(textOf(text), parts.join(''));
  t.equal(text.bytes, Buffer.byteLength(parts.join('')));
  t.ok(text.chunks.length < 20, `${text.chunks.length} chunks`);
  t.equal(textOf(await renderText([])), '');
});

await t.test('a text is compressed once, however many take it so', async (t) => {
  const text = await renderText(['x']);
  t.equal(text.compressed(), text.compressed());
  t.equal((await text.compressed()).bytes, 1);
});

/** Renderings, in their order. */
function counted(): { readonly rendered: string[]; readonly render: (source: string) => Iterable<string> } {
  const rendered: string[] = [];
  return {
    rendered,
    render: (source) => {
      rendered.push(source);
      return [source];
    },
  };
}

await t.test('one rendering serves all who ask, until the source changes', async (t) => {
  const { rendered, render } = counted();
  const shared = new SharedText(render);
  const atOnce = await Promise.all([shared.of('a'), shared.of('a'), shared.of('a')]);
  t.equal(new Set([...atOnce, await shared.of('a')]).size, 1);
  t.strictSame(rendered, ['a']);
  t.equal(textOf(await shared.of('b')), 'b');
  t.strictSame(rendered, ['a', 'b']);
});

await t.test('while one is rendered, the next is the last that was asked for', async (t) => {
  const { rendered, render } = counted();
  const shared = new SharedText(render);
  const [first, ...others] = await Promise.all(['a', 'b', 'c', 'a', 'd'].map((source) => shared.of(source)));
  t.equal(first && textOf(first), 'a');
  t.strictSame(others.map(textOf), ['d', 'd', 'd', 'd']);
  t.strictSame(rendered, ['a', 'd']);
  const again = await Promise.all([shared.of('e'), shared.of('f'), shared.of('e')]);
  t.strictSame(again.map(textOf), ['e', 'e', 'e']);
  t.strictSame(rendered, ['a', 'd', 'e']);
});

await t.test('what counts as the same is for who renders to say', async (t) => {
  const rendered: number[] = [];
  const render = ({ value }: { readonly value: number }): Iterable<string> => [`${rendered.push(value)}`];
  const shared = new SharedText(render, (one, other) => one.value === other.value);
  t.equal(textOf(await shared.of({ value: 1 })), textOf(await shared.of({ value: 1 })));
  await shared.of({ value: 2 });
  t.strictSame(rendered, [1, 2]);
});

await t.test('a fault is reported to its callers, and the next caller tries again', async (t) => {
  let isBroken = true;
  const shared = new SharedText((source: string) => {
    if (isBroken) throw new Error('no');
    return [source];
  });
  await t.rejects(shared.of('a'), /no/);
  function* breaks(): Generator<string> {
    yield 'half';
    throw new Error('broken off');
  }
  const later = new SharedText((source: string) => (isBroken ? breaks() : [source]));
  const [first, second] = [later.of('a'), later.of('b')];
  await t.rejects(first, /broken off/);
  await t.rejects(second, /broken off/);
  isBroken = false;
  t.equal(textOf(await shared.of('a')), 'a');
  t.equal(textOf(await later.of('a')), 'a');
});
