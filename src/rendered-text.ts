// Text that is large, changes seldom and is requested often: rendered once, in slices, for all requests, and compressed once,
// off the event loop. Knows nothing of its content.
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

  /** Starts at the first call. */
  compressed(): Promise<GzipPiece> {
    this.#compressed ??= compressPiece(this.chunks);
    return this.#compressed;
  }
}

/** Least size of a write to a socket, and greatest size of a step of rendering. */
const CHUNK_LENGTH = 64 * 1024;

/** @param parts made on demand, so that their producer needs no slices of its own */
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

/** One text for all requests while its source stays the same. One rendering at a time, however often the source changes. */
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

  /** The text of this source. If it has to wait for another rendering, the text of the source last requested meanwhile. */
  of(source: Source): Promise<RenderedText> {
    const current = this.#current;
    if (current === null) return this.#begin(source);
    if (this.#next === null && this.#isSame(current.source, source)) {
      // The next caller probably passes this object, which compares fast.
      current.source = source;
      return current.text;
    }
    if (current.isRendered) return this.#begin(source);
    if (this.#next === null) this.#next = { source, text: this.#after(current.text) };
    else this.#next.source = source;
    return this.#next.text;
  }

  async #after(current: Promise<RenderedText>): Promise<RenderedText> {
    // Its callers receive its fault.
    await current.catch(() => undefined);
    const next = this.#next;
    this.#next = null;
    if (next === null) throw new Error('no next text was requested');
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

  // Async, because a source may throw from the first part on.
  async #rendered(source: Source): Promise<RenderedText> {
    return renderText(this.#render(source));
  }
}
