import t from 'tap';
import { lastRescaleOf, quoteRescale } from '../../../src/webhooks/flink/rescale-history.js';
import { LAST_RESCALE, recorded, VERTEX_IDS } from '../../support/flink-rest-server.js';

const SPLIT = { operator: 'split', vertexId: VERTEX_IDS.split, from: 2, to: 16 };
const QUOTED = "Flink's last rescale is COMPLETED (split has 12, not 16; slots: 12 of 16)";

type Rescale = Record<string, unknown> & { vertices: Record<string, object>; slots: Record<string, object> };

/** The recorded answer, with changes. */
function detailsWith(rescale: object = {}, vertex: object = {}, slots: object = {}): string {
  const details = structuredClone(recorded('rescale-details').body) as Rescale;
  Object.assign(details.vertices[VERTEX_IDS.split] ?? {}, vertex);
  for (const group of Object.values(details.slots)) Object.assign(group, slots);
  return JSON.stringify({ ...details, ...rescale });
}

void t.test('a rescale that Flink granted in part is quoted', (t) => {
  t.strictSame(quoteRescale(detailsWith(), [SPLIT]), { words: QUOTED });
  t.strictSame(quoteRescale(detailsWith({ slots: {} }), [SPLIT]), { words: QUOTED.replace('; slots: 12 of 16', '') });
  const granted = quoteRescale(detailsWith({}, { postRescaleParallelism: 16 }), [SPLIT]);
  t.strictSame(granted, { words: null }, 'a granted rescale needs no words');
  t.end();
});

void t.test('an ignored or failed rescale is quoted with the present parallelism', (t) => {
  const unchanged = [{ postRescaleParallelism: null }, { postRescaleSlots: null }] as const;
  const ignored = { terminalState: 'IGNORED', terminatedReason: 'NO_RESOURCES_OR_PARALLELISMS_CHANGE' };
  t.equal(
    quoteRescale(detailsWith(ignored, ...unchanged), [SPLIT])?.words,
    "Flink's last rescale is IGNORED, NO_RESOURCES_OR_PARALLELISMS_CHANGE (split has 2, not 16; slots: 2 of 16)",
  );
  const failed = { terminalState: 'FAILED', terminatedReason: 'EXCEPTION_OCCURRED', slots: {} };
  t.equal(
    quoteRescale(detailsWith(failed, { postRescaleParallelism: null, preRescaleParallelism: null }), [SPLIT])?.words,
    "Flink's last rescale is FAILED, EXCEPTION_OCCURRED",
  );
  t.end();
});

void t.test('an unfinished or unrelated rescale, or another answer, is not quoted', (t) => {
  t.equal(quoteRescale(detailsWith({ terminalState: null }), [SPLIT]), null);
  t.equal(quoteRescale(detailsWith(), [{ ...SPLIT, to: 5 }]), null, 'it had another target');
  t.equal(quoteRescale(detailsWith(), [SPLIT, { ...SPLIT, vertexId: 'f'.repeat(32) }]), null);
  t.equal(quoteRescale(detailsWith(), [{ ...SPLIT, vertexId: 'constructor' }]), null);
  for (const text of ['', '{}', '[]', '{"vertices": []}']) t.equal(quoteRescale(text, [SPLIT]), null);
  t.end();
});

void t.test('an answer cannot control a terminal', (t) => {
  const terminatedReason = '\u001b[2Jx\n'.repeat(100);
  const words = quoteRescale(detailsWith({ terminatedReason }), [SPLIT])?.words;
  t.notMatch(words, /\p{Cc}/u);
  t.ok((words?.length ?? 999) < 250);
  t.end();
});

void t.test('the last rescale of a history is the one that began last, after its end', (t) => {
  const listed = recorded('rescale-history').body as Record<string, unknown>[];
  t.equal(lastRescaleOf(JSON.stringify(listed)), LAST_RESCALE);
  t.equal(lastRescaleOf(JSON.stringify([...listed].reverse())), LAST_RESCALE, 'in every order');
  const [last, ...others] = listed;
  t.equal(lastRescaleOf(JSON.stringify([{ ...last, terminalState: null }, ...others])), null, 'it is in progress');
  t.equal(
    lastRescaleOf(JSON.stringify([{ ...last, rescaleUuid: '../../overview' }])),
    null,
    'an id cannot lead to another path',
  );
  for (const text of ['', '{}', '[]', '[1, null]']) t.equal(lastRescaleOf(text), null, text);
  t.end();
});
