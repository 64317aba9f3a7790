// A gzip file (RFC 1952) joined from separately compressed pieces, so that a part that many answers share is compressed once.
// It has one member, because some clients, curl among them, read only the first.
import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';
import { mapInSlices } from './work-slices.js';

const deflated = promisify(deflateRaw);

export interface GzipPiece {
  /** Ends at a byte boundary without ending the stream, so that another piece can follow. */
  readonly compressed: Buffer;
  /** Uncompressed size. */
  readonly bytes: number;
  /** CRC-32 of everything compressed so far, including the previous pieces. */
  readonly crc: number;
}

const CHUNK_BYTES = 256 * 1024;
/** Magic number, deflate, no flags, no time, fastest algorithm, unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
/** An empty last block. */
const END = Buffer.from([3, 0]);

/** Compresses in another thread. */
export async function compressPiece(
  contents: readonly Buffer[],
  before: Pick<GzipPiece, 'crc'> = { crc: 0 },
): Promise<GzipPiece> {
  const content = Buffer.concat(contents);
  const compressed = await deflated(content, {
    level: constants.Z_BEST_SPEED,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: CHUNK_BYTES,
  });
  let { crc } = before;
  await mapInSlices(chunksOf(content), (chunk) => {
    crc = crc32(chunk, crc);
  });
  return { compressed, bytes: content.length, crc };
}

/** Pieces in the order of compression: each continues the CRC of the one before. */
export function joinAsGzip(pieces: readonly GzipPiece[]): Buffer[] {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(pieces.at(-1)?.crc ?? 0, 0);
  trailer.writeUInt32LE(pieces.reduce((sum, { bytes }) => sum + bytes, 0) % 2 ** 32, 4);
  return [HEADER, ...pieces.map(({ compressed }) => compressed), END, trailer];
}

function* chunksOf(content: Buffer): Generator<Buffer> {
  for (let from = 0; from < content.length; from += CHUNK_BYTES) yield content.subarray(from, from + CHUNK_BYTES);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Own code, because Node has it only from version 20.15 on. `crc32('123456789')` is 0xcbf43926. */
function crc32(bytes: Uint8Array, before: number): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] ?? 0);
  return ~crc >>> 0;
}
