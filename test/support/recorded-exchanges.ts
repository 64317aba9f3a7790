// Recorded answers of a kube-apiserver 1.34.4 with the kinds of the Flink operator: fixtures/kubernetes-api.json. A replacement
// receives the same requests in the same order.
import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import type { Json, JsonObject } from './kubernetes-api-server.js';

export interface RecordedExchange {
  readonly title: string;
  /** `admin` may do everything, `dhalion` nothing, and `nobody` has a token that is none. */
  readonly as: 'admin' | 'dhalion' | 'nobody';
  readonly method: string;
  readonly path: string;
  readonly content_type?: string;
  /** `<current>` means the version of the resource, `<stale>` an older one. */
  readonly body?: Json;
  readonly status: number;
  readonly has_new_version?: boolean;
  /** Of a resource what does not change from run to run. */
  readonly answer: Json;
}

export const RECORDED = JSON.parse(
  readFileSync(new URL('../fixtures/kubernetes-api.json', import.meta.url), 'utf8'),
) as readonly RecordedExchange[];

export interface Asked extends Pick<RecordedExchange, 'as' | 'method' | 'path'> {
  readonly contentType: string | undefined;
  /** undefined: none. */
  readonly body: Json | undefined;
}

/** One assertion an exchange. @param ask resolves with the body as it came */
export async function replay(
  t: Test,
  ask: (asked: Asked) => Promise<{ readonly status: number; readonly text: string }>,
): Promise<void> {
  let [current, stale] = ['', '1'];
  for (const { title, as, method, path, content_type: contentType, body: written, ...expected } of RECORDED) {
    const body =
      written === undefined
        ? undefined
        : (JSON.parse(JSON.stringify(written).replace('<current>', current).replace('<stale>', stale)) as Json);
    const { status, text } = await ask({ as, method, path, contentType, body });
    const answer = parsed(text);
    const version = versionOf(answer);
    const isNew = version !== null && version !== current;
    const got = { status, ...(version === null ? {} : { has_new_version: isNew }), answer: stripped(answer) };
    t.strictSame(got, expected, title);
    if (isNew) [current, stale] = [version, current === '' ? stale : current];
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function versionOf(answer: Json): string | null {
  const metadata = isJsonObject(answer) ? answer['metadata'] : undefined;
  const version = metadata !== undefined && isJsonObject(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' ? version : null;
}

function stripped(answer: Json): Json {
  if (!isJsonObject(answer) || answer['kind'] === 'Status') return answer;
  const { metadata = null } = answer;
  if (!isJsonObject(metadata)) return answer;
  const { name = null, namespace = null, generation = null } = metadata;
  return { ...answer, metadata: { name, namespace, generation } };
}
