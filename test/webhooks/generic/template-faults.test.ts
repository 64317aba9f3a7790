import t from 'tap';
import { templateFaultsOf } from '../../../src/webhooks/generic/template-faults.js';
import { sampleWebhook } from '../../support/webhook-samples.js';

await t.test('a webhook without faults has none, for all label names', (t) => {
  t.strictSame(templateFaultsOf(sampleWebhook()), []);
  const webhook = sampleWebhook({
    url: 'http://h/jobs/{{ labels.job_id }}/{{ labels["task id"] }}',
    body: '{"n":{{ desired_parallelism }},"r":{{ reason | json }},"l":{{ labels | json }}}',
  });
  t.strictSame(templateFaultsOf(webhook), []);
  t.end();
});

await t.test('the faults of both templates are found', (t) => {
  t.match(templateFaultsOf(sampleWebhook({ url: 'http://h/{{ nope }}', body: '{{ operator | nope }}' })), [
    { field: 'url', message: /undefined variable: nope/ },
    { field: 'body', message: /undefined filter: nope/ },
  ]);
  t.end();
});

await t.test('a template that only fails for unknown values is found', (t) => {
  for (const body of ['{"r":{{ reason.suspended_ratio }}}', '{"r":"{{ reverts }}"}']) {
    t.match(templateFaultsOf(sampleWebhook({ body })), [{ field: 'body', message: /null/ }]);
  }
  t.end();
});
