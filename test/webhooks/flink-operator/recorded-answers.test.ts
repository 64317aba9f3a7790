// The server that these tests ask answers as the real one did: a kube-apiserver 1.34.4 with the kinds of the Flink operator.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { kubernetesApiServer, type Json, type JsonObject } from '../../support/kubernetes-api-server.js';

interface RecordedExchange {
  readonly title: string;
  /** `admin` may do everything, `dhalion` nothing, and `nobody` has a token that is none. */
  readonly as: 'admin' | 'dhalion' | 'nobody';
  readonly method: string;
  readonly path: string;
  readonly content_type?: string;
  /** `<current>` stands for the version of the resource, `<stale>` for an older one. */
  readonly body?: Json;
  readonly status: number;
  readonly has_new_version?: boolean;
  /** Of a resource what does not change from run to run. */
  readonly answer: Json;
}

const EXCHANGES = JSON.parse(
  readFileSync(new URL('../../fixtures/kubernetes-api.json', import.meta.url), 'utf8'),
) as readonly RecordedExchange[];

void t.test('one server is asked the same as the real one was', async (t) => {
  const rights = ['get flinkdeployments', 'patch flinkdeployments'];
  let asked: RecordedExchange['as'] = 'admin';
  const api = await kubernetesApiServer(t, {
    token: 'known',
    isLacking: (right) => asked === 'dhalion' && rights.includes(right),
  });
  const object = api.object('flinkdeployments');
  delete object.status;
  let [current, stale] = ['', '1'];
  for (const { title, as, method, path, content_type: contentType, body, ...expected } of EXCHANGES) {
    asked = as;
    const text =
      body === undefined ? {} : { body: JSON.stringify(body).replace('<current>', current).replace('<stale>', stale) };
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${as === 'nobody' ? 'unknown' : 'known'}`,
        ...(contentType === undefined ? {} : { 'content-type': contentType }),
      },
      ...text,
    });
    const answer = parsed(await response.text());
    const version = versionOf(answer);
    const isNew = version !== null && version !== current;
    t.strictSame(
      { status: response.status, ...(version === null ? {} : { has_new_version: isNew }), answer: stripped(answer) },
      expected,
      title,
    );
    if (isNew) [current, stale] = [version, current === '' ? stale : current];
  }
  t.ok(EXCHANGES.length > 10);
});

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
