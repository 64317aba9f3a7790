import t from 'tap';
import fc from 'fast-check';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { compressPiece, joinAsGzip, type GzipPiece } from '../src/gzip-pieces.js';

async function join(parts: readonly (readonly Buffer[])[]): Promise<Buffer> {
  const pieces: GzipPiece[] = [];
  for (const part of parts) pieces.push(await compressPiece(part, pieces.at(-1)));
  return Buffer.concat(joinAsGzip(pieces));
}

const bytes = fc.uint8Array({ maxLength: 5000 }).map((array) => Buffer.from(array));

await t.test('whatever the pieces are, they are read as one', async () => {
  const parts = fc.array(fc.array(bytes, { maxLength: 3 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(parts, async (parts) => {
      // Which checks length and checksum.
      return gunzipSync(await join(parts)).equals(Buffer.concat(parts.flat()));
    }),
    { numRuns: 200 },
  );
});

await t.test('a reader of the first member alone reads all of it', async (t) => {
  const parts = [[Buffer.from('shared '.repeat(100_000))], [Buffer.from('and the rest')]];
  const whole = await join(parts);
  // The file less its header and its trailer is one deflate stream, to the last byte.
  const body = whole.subarray(10, -8);
  const { buffer, engine } = inflateRawSync(body, { info: true }) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  t.same(buffer, Buffer.concat(parts.flat()));
  t.equal(engine.bytesWritten, body.length);
  t.ok(whole.length < 10_000);
});

await t.test('a checksum is that of RFC 1952', async (t) => {
  const { crc } = await compressPiece([Buffer.from('1234'), Buffer.from('56789')]);
  t.equal(crc, 0xcbf43926);
  const { crc: continued } = await compressPiece([Buffer.from('56789')], await compressPiece([Buffer.from('1234')]));
  t.equal(continued, 0xcbf43926);
});
