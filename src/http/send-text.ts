// Sends a large text to many clients: compressed if the client accepts gzip, and no faster than it reads.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { compressPiece, joinAsGzip } from '../gzip-pieces.js';
import type { RenderedText } from '../rendered-text.js';

/** A text in two parts: a shared one, and the rest of this answer. */
export interface TextInParts {
  readonly shared: RenderedText;
  readonly rest: string;
}

export async function sendText(
  request: Request,
  response: Response,
  contentType: string,
  text: TextInParts,
): Promise<void> {
  // Not express' send(): it reorders the parameters of the content type.
  response.setHeader('Content-Type', contentType);
  response.setHeader('Vary', 'Accept-Encoding');
  const isCompressed = request.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
  const chunks = await (isCompressed ? compressed(text) : [...text.shared.chunks, Buffer.from(text.rest)]);
  response.setHeader(
    'Content-Length',
    chunks.reduce((sum, { length }) => sum + length, 0),
  );
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(chunks), response);
  } catch (error) {
    // The client has disconnected.
    if (!response.destroyed) throw error;
  }
}

async function compressed({ shared, rest }: TextInParts): Promise<Buffer[]> {
  const before = await shared.compressed();
  return joinAsGzip([before, await compressPiece([Buffer.from(rest)], before)]);
}
