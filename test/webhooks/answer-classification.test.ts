import t from 'tap';
import { ERROR_CODES } from '../../src/errors.js';
import { classifyFault, classifyStatus, faultLabelOf } from '../../src/webhooks/answer-classification.js';

await t.test('a status decides between success, final failure and retry', (t) => {
  const retried = new Set([408, 409, 425, 429]);
  for (let status = 200; status < 600; status += 1) {
    const expected = status < 300 ? 'success' : status >= 500 || retried.has(status) ? 'retry' : 'final';
    t.equal(classifyStatus(status), expected, String(status));
  }
  t.equal(classifyStatus(412), 'final', 'stale');
  t.equal(classifyStatus(302), 'final', 'redirect');
  t.equal(classifyStatus(199), 'final');
  t.equal(classifyStatus(600), 'final');
  t.end();
});

await t.test('faults of the call are classified, other faults are not', (t) => {
  const classified = ERROR_CODES.flatMap((code) => {
    const meaning = classifyFault(code);
    return meaning === null ? [] : [[code, meaning, faultLabelOf(code)]];
  });
  t.strictSame(classified, [
    ['config_invalid', 'final', null],
    ['call_unconnected', 'retry', 'network'],
    ['call_network', 'retry', 'network'],
    ['call_timeout', 'retry', 'timeout'],
    ['call_aborted', 'aborted', 'aborted'],
    ['secret_unreadable', 'retry', null],
  ]);
  t.end();
});
