// Text that is large, changes seldom and is asked for often: rendered once, in slices, for all who ask for it, and compressed
// once, off the event loop. Whatever it tells is for its sources.
import { compressPiece, type GzipPiece } from './gzip-pieces.js';
import { mapInSlices } from './work-slices.js';

export class RenderedText {
  /** UTF-8. */
  readonly chunks: readonly Buffer[];
  readonly bytes: number;
  #compressed: Promise<GzipPiece> | null = null;

  constructor(chunks: readonly Buffer[]) {
    this.chunks = chunks;
    this.bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Begins when it is first asked for. */
  compressed(): Promise<GzipPiece> {
    this.#compressed ??= compressPiece(this.chunks);
    return this.#compressed;
  }
}

/** What a write to a socket should have at least, and a step of rendering at most. */
const CHUNK_LENGTH = 64 * 1024;

/** @param parts are made as they are asked for: whoever makes them needs no slices of its own */
export async function renderText(parts: Iterable<string>): Promise<RenderedText> {
  return new RenderedText(await mapInSlices(gathered(parts), (text) => Buffer.from(text)));
}

function* gathered(parts: Iterable<string>): Generator<string> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** One text for all who ask while its source is the same. One rendering at a time, however often the source changes. */
export class SharedText<Source> {
  readonly #render: (source: Source) => Iterable<string>;
  readonly #isSame: (one: Source, other: Source) => boolean;
  #current: { source: Source; readonly text: Promise<RenderedText>; isRendered: boolean } | null = null;
  #next: { source: Source; readonly text: Promise<RenderedText> } | null = null;

  constructor(
    render: (source: Source) => Iterable<string>,
    isSame: (one: Source, other: Source) => boolean = Object.is,
  ) {
    this.#render = render;
    this.#isSame = isSame;
  }

  /** Of this source or, where it has to wait for another rendering, of the last one that was asked for meanwhile. */
  of(source: Source): Promise<RenderedText> {
    const current = this.#current;
    if (current === null) return this.#begin(source);
    if (this.#next === null && this.#isSame(current.source, source)) {
      // Those who ask next most likely ask with this one, which is compared at once.
      current.source = source;
      return current.text;
    }
    if (current.isRendered) return this.#begin(source);
    if (this.#next === null) this.#next = { source, text: this.#after(current.text) };
    else this.#next.source = source;
    return this.#next.text;
  }

  async #after(current: Promise<RenderedText>): Promise<RenderedText> {
    // Its fault is told to those who asked for it.
    await current.catch(() => undefined);
    const next = this.#next;
    this.#next = null;
    if (next === null) throw new Error('nobody has asked for a next text');
    return this.of(next.source);
  }

  #begin(source: Source): Promise<RenderedText> {
    const rendering = { source, text: this.#rendered(source), isRendered: false };
    this.#current = rendering;
    rendering.text.then(
      () => {
        rendering.isRendered = true;
      },
      () => {
        if (this.#current === rendering) this.#current = null;
      },
    );
    return rendering.text;
  }

  // A source may be faulty from the first part on.
  async #rendered(source: Source): Promise<RenderedText> {
    return renderText(this.#render(source));
  }
}
