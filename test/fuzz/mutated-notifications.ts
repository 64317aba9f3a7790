// Bodies as nobody would send them, of notifications above all: real ones changed in shape (other types, missing keys, deep nesting, huge
// strings), in text (duplicate keys, lone surrogates, U+0000), in bytes (truncated, flipped, not UTF-8) and in transport
// (compressed, badly compressed, other content types). Many are still good ones, so that what they ask for is seen not to happen.
import fc from 'fast-check';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { DIAGNOSES } from '../../src/model/diagnosis.js';
import { anyString } from '../support/any-string.js';
import { ALERTMANAGER_NOTIFICATION, GRAFANA_NOTIFICATION } from '../support/notifications.js';

export interface MutatedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const KEYS = ['alerts', 'labels', 'status', 'topology', 'operator', 'diagnosis', 'fingerprint', 'startsAt', 'version'];
const EVIL_KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON', '', '\0'];
const EVIL_STRINGS = [
  ...EVIL_KEYS,
  ...[
    '\ud800',
    '\udc00\ud800',
    'a\0b',
    '\ufeff',
    '\u202e',
    '\r\nx: y',
    "'; DROP TABLE alerts; --",
    '${7*7}',
    '{{7*7}}',
  ],
  ...[
    'wordcount ',
    'WORDCOUNT',
    'wordcount\n',
    '../wordcount',
    'word"count',
    '{job_name=~".*"}',
    '<script>alert(1)</script>',
  ],
  ...['firing', 'resolved', 'wordcount', 'split', ...DIAGNOSES],
  ...['9999-99-99T99:99:99Z', '2026-01-02T03:04:05.678Z', '-1', 'null', 'NaN'],
];

export const anyText = fc.oneof(fc.constantFrom(...EVIL_STRINGS), anyString(), fc.string());
const anyKey = fc.oneof(fc.constantFrom(...KEYS), fc.constantFrom(...EVIL_KEYS), anyText);
const anyJson: fc.Arbitrary<Json> = fc.oneof(
  anyText,
  fc.constantFrom(null, true, false, 0, -0, 1e308, -1, 2 ** 53, 0.1),
  fc.integer(),
  fc.array(anyText, { maxLength: 3 }),
  fc.dictionary(anyKey, anyText, { maxKeys: 3 }),
  fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>,
);

interface Change {
  /** Each picks one of the children, as long as there are any. */
  readonly path: readonly number[];
  readonly kind: 'replace' | 'remove' | 'add' | 'repeat';
  readonly key: string;
  readonly value: Json;
}

const change: fc.Arbitrary<Change> = fc.record({
  path: fc.array(fc.nat(100), { maxLength: 5 }),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'add', 'repeat'),
  key: anyKey,
  value: anyJson,
});

const goodAlert = fc
  .record({
    alertname: fc.oneof({ weight: 5, arbitrary: fc.constant('DhalionUnderprovisioned') }, anyText),
    topology: fc.oneof(fc.constant('wordcount'), anyText),
    operator: fc.oneof({ weight: 3, arbitrary: fc.constant('split') }, anyText),
    diagnosis: fc.constantFrom(...DIAGNOSES),
  })
  .map((labels): Json => ({ status: 'firing', labels, startsAt: '2026-01-02T03:04:05Z', fingerprint: 'f' }));

export const notification: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(ALERTMANAGER_NOTIFICATION as Json, GRAFANA_NOTIFICATION as Json),
  fc.array(goodAlert, { maxLength: 4 }).map((alerts): Json => ({ ...(ALERTMANAGER_NOTIFICATION as object), alerts })),
);

/** One of these with up to four changes. */
function changedText(wholes: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  return fc
    .tuple(wholes, fc.array(change, { maxLength: 4 }))
    .map(([whole, changes]) => JSON.stringify(changes.reduce(applyChange, whole)));
}

function applyChange(json: Json, { path, kind, key, value }: Change): Json {
  const [step, ...rest] = path;
  if (isList(json) && step !== undefined && json.length > 0) {
    const at = step % json.length;
    if (rest.length === 0 && kind === 'remove') return json.toSpliced(at, 1);
    if (rest.length === 0 && kind === 'repeat') return [...json, ...json, ...json];
    return json.with(at, applyChange(json[at] ?? null, { path: rest, kind, key, value }));
  }
  if (isRecord(json) && step !== undefined) {
    const entries = Object.entries(json);
    const [name, inner] = entries[step % Math.max(1, entries.length)] ?? [key, null];
    // fromEntries makes `__proto__` a key like any other, which an assignment would not.
    if (rest.length === 0 && kind === 'remove') return Object.fromEntries(entries.filter(([other]) => other !== name));
    if (rest.length === 0 && kind === 'add') return Object.fromEntries([...entries, [key, value]]);
    const changed = applyChange(inner, { path: rest, kind, key, value });
    return Object.fromEntries(entries.map(([other, old]) => [other, other === name ? changed : old]));
  }
  return kind === 'remove' ? null : value;
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function isRecord(json: Json): json is Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Text that no JSON value renders to. */
const strangeText = fc.oneof(
  // Nested deeper than a recursive reader can go.
  fc
    .tuple(fc.constantFrom('[', '{"alerts":', '{"alerts":[{"labels":'), fc.constantFrom(10, 1000, 50_000))
    .map(([open, depth]) => open.repeat(depth)),
  fc.constantFrom(1000, 30_000).map((depth) => `{"alerts":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  fc
    .constantFrom(1, 1000, 300_000)
    .map(
      (length) =>
        `{"alerts":[{"status":"firing","labels":{"alertname":"DhalionAlert","topology":"${'t'.repeat(length)}","operator":"split","diagnosis":"underprovisioning"}}]}`,
    ),
  fc
    .constantFrom(100, 5000)
    .map((count) => `{"alerts":[${Array<string>(count).fill('{"status":"firing","labels":{}}').join(',')}]}`),
  fc.constantFrom(
    '{"alerts":[],"alerts":1}',
    '{"alerts":1e999}',
    '{"alerts":[1e999,-1e-999]}',
    '{"alerts":[]}}',
    '',
    ' ',
    'null',
    '[]',
    '"alerts"',
    'NaN',
    "{'alerts':[]}",
    '{"alerts":[],}',
    '\ufeff{"alerts":[]}',
    '{"__proto__":{"alerts":[]}}',
    '{"alerts":{"length":1e9}}',
    '{"alerts":[{"status":"firing","labels":{"alertname":"DhalionAlert","topology":"wordcount","topology":"other","operator":"split","diagnosis":"underprovisioning"}}]}',
    '{"alerts":[{"status":"firing","labels":{"alertname":"DhalionAlert","topology":"\\ud800","operator":"\\u0000","diagnosis":"underprovisioning"}}]}',
  ),
  anyString({ maxLength: 200 }),
);

interface ByteChange {
  readonly at: number;
  readonly kind: 'flip' | 'insert' | 'cut' | 'truncate';
  readonly bytes: Uint8Array;
}

const byteChange: fc.Arbitrary<ByteChange> = fc.record({
  at: fc.nat(5000),
  kind: fc.constantFrom('flip', 'insert', 'cut', 'truncate'),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    // Half a surrogate pair, an overlong slash, a byte order mark, U+0000.
    fc.constantFrom([0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xef, 0xbb, 0xbf], [0]).map((bytes) => Uint8Array.from(bytes)),
  ),
});

function applyByteChange(body: Buffer, { at, kind, bytes }: ByteChange): Buffer {
  const from = body.length === 0 ? 0 : at % body.length;
  if (kind === 'truncate') return body.subarray(0, from);
  const inserted = kind === 'cut' ? new Uint8Array() : bytes;
  const skipped = kind === 'insert' ? 0 : bytes.length;
  return Buffer.concat([body.subarray(0, from), inserted, body.subarray(Math.min(body.length, from + skipped))]);
}

const JSON_TYPE = { 'content-type': 'application/json' };
/** More than the service takes, in few bytes. */
const BOMB = gzipSync(Buffer.alloc(12 * 1024 * 1024, ' '));

const transport: fc.Arbitrary<(body: Buffer) => MutatedRequest> = fc.oneof(
  { weight: 20, arbitrary: fc.constant((body: Buffer) => ({ headers: JSON_TYPE, body })) },
  encoding('gzip', gzipSync),
  encoding('deflate', deflateSync),
  encoding('br', (body) => brotliCompressSync(body)),
  // Announced, and not so.
  fc.constantFrom('gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', '').map((name) => (body: Buffer) => ({
    headers: { ...JSON_TYPE, 'content-encoding': name },
    body,
  })),
  fc.nat(100).map((cut) => (body: Buffer) => {
    const packed = gzipSync(body);
    return {
      headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
      body: packed.subarray(0, packed.length - (cut % packed.length)),
    };
  }),
  fc
    .constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/json;',
      'multipart/form-data',
      '',
      'application/x-www-form-urlencoded',
    )
    .map((type) => (body: Buffer) => ({ headers: { 'content-type': type }, body })),
);

function encoding(name: string, encode: (body: Buffer) => Buffer): fc.Arbitrary<(body: Buffer) => MutatedRequest> {
  return fc.constant((body) => ({ headers: { ...JSON_TYPE, 'content-encoding': name }, body: encode(body) }));
}

/** One of these changed in every way, or something that is none of them. */
export function mutatedRequest(wholes: fc.Arbitrary<Json>): fc.Arbitrary<MutatedRequest> {
  return fc.oneof(
    {
      weight: 1000,
      arbitrary: fc
        .tuple(
          fc.oneof({ weight: 8, arbitrary: changedText(wholes) }, strangeText),
          fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(byteChange, { maxLength: 4 })),
          transport,
        )
        .map(([text, changes, send]) => send(changes.reduce(applyByteChange, Buffer.from(text, 'utf8')))),
    },
    { weight: 1, arbitrary: fc.constant({ headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: BOMB }) },
  );
}
