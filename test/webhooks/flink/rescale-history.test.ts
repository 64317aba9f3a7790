import t from 'tap';
import { quoteRescaleHistory } from '../../../src/webhooks/flink/rescale-history.js';
import { recorded, VERTEX_IDS } from '../../support/flink-rest-server.js';

const SPLIT = { operator: 'split', vertexId: VERTEX_IDS.split, from: 2, to: 4 };

type Rescale = Record<string, unknown> & { vertices: Record<string, object>; slots: Record<string, object> };

/** What is recorded, the last rescale changed. */
function historyWith(rescale: object = {}, vertex: object = {}, slots: object = {}): string {
  const [last, ...earlier] = structuredClone(recorded('rescale-history').body) as [Rescale, ...Rescale[]];
  Object.assign(last, rescale);
  Object.assign(last.vertices[VERTEX_IDS.split] ?? {}, vertex);
  for (const group of Object.values(last.slots)) Object.assign(group, slots);
  return JSON.stringify([last, ...earlier]);
}

void t.test('what Flink let be is quoted, with what there is instead', (t) => {
  t.equal(
    quoteRescaleHistory(historyWith(), [SPLIT]),
    "Flink's last rescale is IGNORED, NO_RESOURCES_OR_PARALLELISMS_CHANGE (split has 2, not 4; slots: 2 of 4)",
  );
  t.equal(
    quoteRescaleHistory(historyWith({ terminalState: 'FAILED', terminatedReason: 'EXCEPTION_OCCURRED', slots: {} }), [
      SPLIT,
    ]),
    "Flink's last rescale is FAILED, EXCEPTION_OCCURRED (split has 2, not 4)",
  );
  t.end();
});

void t.test('what it granted in part is quoted too', (t) => {
  const done = { terminalState: 'COMPLETED', terminatedReason: 'SUCCEEDED' };
  t.equal(
    quoteRescaleHistory(historyWith(done, { postRescaleParallelism: 3 }, { postRescaleSlots: 3 }), [SPLIT]),
    "Flink's last rescale is COMPLETED (split has 3, not 4; slots: 3 of 4)",
  );
  t.equal(quoteRescaleHistory(historyWith(done, { postRescaleParallelism: 4 }), [SPLIT]), null, 'all is granted');
  t.end();
});

void t.test('the order of the list does not matter', (t) => {
  const listed = JSON.parse(historyWith()) as unknown[];
  t.match(quoteRescaleHistory(JSON.stringify(listed.reverse()), [SPLIT]), /IGNORED/);
  t.end();
});

void t.test('nothing is quoted of what is under way, about something else, or no history', (t) => {
  t.equal(quoteRescaleHistory(historyWith({ terminalState: null }), [SPLIT]), null);
  t.equal(quoteRescaleHistory(historyWith(), [{ ...SPLIT, to: 5 }]), null, 'another parallelism was wanted');
  t.equal(quoteRescaleHistory(historyWith(), [SPLIT, { ...SPLIT, vertexId: VERTEX_IDS.count }]), null);
  t.equal(quoteRescaleHistory(historyWith(), [{ ...SPLIT, vertexId: 'constructor' }]), null);
  for (const text of ['', '{}', '[]', '[1, null]', '[{"vertices": []}]'])
    t.equal(quoteRescaleHistory(text, [SPLIT]), null);
  t.end();
});

void t.test('who answers cannot steer a terminal', (t) => {
  const words = quoteRescaleHistory(historyWith({ terminatedReason: '\u001b[2Jx\n'.repeat(100) }), [SPLIT]);
  t.notMatch(words, /\p{Cc}/u);
  t.ok((words?.length ?? 999) < 250);
  t.end();
});
