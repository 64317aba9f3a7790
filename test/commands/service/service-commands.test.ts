// The commands that ask a running service, over HTTP, with a service that serves a made-up fleet.
import t, { type Test } from 'tap';
import { actionsCommand, cancelCommand } from '../../../src/commands/service/actions-command.js';
import { explainCommand } from '../../../src/commands/service/explain-command.js';
import { pauseCommand, resumeCommand } from '../../../src/commands/service/pause-command.js';
import { createServiceApi } from '../../../src/commands/service/service-api.js';
import { statusCommand } from '../../../src/commands/service/status-command.js';
import type { OutputFormat, ServiceCommand } from '../../../src/commands/service/terminal-output.js';
import { systemClock } from '../../../src/clock.js';
import { DhalionError } from '../../../src/errors.js';
import { renderAction, renderTopology } from '../../../src/http/json-views.js';
import { describeSizing } from '../../../src/http/page/browser/size-words.js';
import type { PauseRequest, ServiceView } from '../../../src/http/service-view.js';
import type { Pause } from '../../../src/model/pause.js';
import { PLAIN_HTTP } from '../../../src/outbound/http-config.js';
import { freePort } from '../../../src/real-parts/child-program.js';
import { widthOf } from '../../../src/shorten-name.js';
import { serviceOf } from '../../support/fleet-service.js';
import { startTestService } from '../../support/http-service.js';
import { sampleFleet, sampleId } from '../../support/page-samples.js';

const fleet = sampleFleet(Date.now());

interface Asked {
  readonly command: ServiceCommand;
  readonly said: () => string;
}

function commandAt(t: Test, url: string, width: number | null, format: OutputFormat = 'text'): Asked {
  const api = createServiceApi({ url, http: PLAIN_HTTP, clock: systemClock });
  t.teardown(() => {
    api.close();
  });
  let said = '';
  return { command: { api, format, width, write: (text) => (said += text) }, said: () => said };
}

async function asking(
  t: Test,
  {
    width = null,
    format = 'text',
    service = {},
  }: { width?: number | null; format?: OutputFormat; service?: Partial<ServiceView> },
): Promise<Asked> {
  const { url } = await startTestService(t, { service: { ...serviceOf(fleet), ...service } });
  return commandAt(t, url, width, format);
}

await t.test('status shows the state of the service, and each topology in a line, most urgent first', async (t) => {
  const { command, said } = await asking(t, { service: { warnings: () => ['Prometheus answers slowly'] } });
  t.equal(await statusCommand(command), 0);
  const lines = said().split('\n');
  t.match(lines[0], /^Dhalion at http:\/\/127\.0\.0\.1:\d+\/ is ready\.$/);
  t.match(lines[1], /^⚠ Prometheus answers slowly$/);
  t.match(lines[2], /^‖ wordcount is paused, ends in 1 h 40 min: “migrating the state backend”$/);
  t.match(lines[3], /^STATE +TOPOLOGY +MODE +SEEN +WHAT$/);
  t.match(lines[4], /^▲ held up +wordcount +enforce +\d+ s ago +‖ paused; split: too few instances, held: paused$/);
  t.strictSame(
    lines.slice(4, -1).map((line) => line.split(/ {2,}/)[1]),
    ['wordcount', 'clickstream', 'checkout', 'inventory', 'billing', 'fraud'],
  );
});

await t.test('a service that is not ready is reported, also by the exit status', async (t) => {
  const { command, said } = await asking(t, { service: { problems: () => ['the action log does not answer'] } });
  t.equal(await statusCommand(command), 1);
  t.match(said(), /is not ready: it accepts no alerts and does not act\.\n⚠ the action log does not answer\n/);
});

await t.test('no line is wider than the terminal', async (t) => {
  for (const width of [60, 80, 120]) {
    const { command, said } = await asking(t, { width });
    await statusCommand(command);
    for (const { topology } of fleet.topologies) await explainCommand(command, topology);
    await actionsCommand(command, { topology: null, limit: 20 });
    const tooWide = said()
      .split('\n')
      .filter((line) => widthOf(line) > width);
    // An id is not torn apart.
    t.strictSame(
      tooWide.filter((line) => !/[0-9a-f]{12}/.test(line)),
      [],
      `${width} columns`,
    );
  }
});

await t.test('explain shows the measurements, the culprit, the recommendation, and why nothing is done', async (t) => {
  const { command, said } = await asking(t, {});
  await explainCommand(command, 'wordcount');
  const told = said();
  t.match(told, /^▲ held up: wordcount \(enforce\)\n {2}evaluated \d+ s ago, engine flink, backpressure ● yes, /);
  t.match(told, 'demand 2.08 ×');
  t.match(told, '‖ Paused (this topology), ends in');
  t.match(told, 'split: too few instances (underprovisioning).');
  t.match(told, /Held \(scale up\) 1 min ago: paused\. A person paused it\.\n {2}→ See the pauses/);
  t.match(told, '◁ held up by split', 'who is to blame');
  t.match(told, '│ 98 %');
  t.match(told, 'split: backpressure, packets grow');
  t.match(
    told,
    'split: input suspended 51 % of the time because of it, offered 1 × what is served, 60 % busy, the work of 1 instance → 2 → 5, then 60 % busy.',
  );
});

await t.test('the arithmetic of a size has the same words everywhere', async (t) => {
  const [view] = fleet.topologies.filter(({ topology }) => topology === 'wordcount');
  if (view === undefined) throw new Error('there is a wordcount');
  const { operators, flow_limit: limit } = renderTopology(view);
  const { command, said } = await asking(t, {});
  await explainCommand(command, 'wordcount');
  const words = operators.flatMap((operator) => describeSizing(operator, limit) ?? []);
  t.ok(words.length > 0);
  for (const one of words) t.match(said(), one);
  const open = await asking(t, {});
  await explainCommand(open.command, 'checkout');
  t.match(open.said(), '↻ scale up of source 4 → 9, sink 2 → 4, begun 3 min ago');
  t.match(
    open.said(),
    '- source: input suspended 55 % of the time because of it, offered 1.8 × what is served, the work of 7.3 instances → 4 → 9, then 82 % busy.',
  );
  t.match(open.said(), `dhalion cancel ${sampleId(1)}`);
});

await t.test('an unknown topology is named with the probable one', async (t) => {
  const { command } = await asking(t, {});
  await t.rejects(explainCommand(command, 'wordcoutn'), {
    code: 'service_refused',
    message: "unknown topology 'wordcoutn'; did you mean 'wordcount'?",
  });
  await t.rejects(explainCommand(command, 'something else'), {
    message:
      "unknown topology 'something else'; known: 'billing', 'checkout', 'clickstream', 'fraud', 'inventory' and 1 more",
  });
  await t.rejects(actionsCommand(command, { topology: 'wordcoutn', limit: 1 }), {
    message: /did you mean 'wordcount'/,
  });
  await t.rejects(resumeCommand(command, 'wordcoutn'), { message: /did you mean 'wordcount'/ });
  await t.rejects(pauseCommand(command, { topology: 'wordcoutn', resolver: null, duration: '1h', reason: 'x' }), {
    message: "topology 'wordcoutn' is neither configured nor discovered; did you mean 'wordcount'?",
  });
});

await t.test('actions are listed with their outcomes, and an open one with the command that cancels it', async (t) => {
  const cancelled: string[] = [];
  const { command, said } = await asking(t, {
    service: {
      cancelAction: (id) => {
        cancelled.push(id);
        return Promise.resolve('cancelled');
      },
    },
  });
  await actionsCommand(command, { topology: null, limit: 20 });
  t.match(said(), 'scale up of source 4 → 9, sink 2 → 4 in checkout');
  t.match(said(), `dhalion cancel ${sampleId(1)}`);
  t.match(said(), '503 from the webhook');
  await cancelCommand(command, sampleId(1));
  t.strictSame(cancelled, [sampleId(1)]);
  t.match(said(), `Action ${sampleId(1)} is cancelled`);
  await t.rejects(cancelCommand(command, 'x y'), { message: "no action has the id 'x y'" });
});

await t.test('a pause is created, shown, and ended', async (t) => {
  const asked: PauseRequest[] = [];
  const ended: string[] = [];
  const pauseOf = (id: number, topology: string | null): Pause => ({
    id: sampleId(id),
    topology,
    resolver: null,
    reason: 'upgrade',
    createdAtMs: Date.now(),
    expiresAtMs: Date.now() + 3_599_000,
  });
  const { command, said } = await asking(t, {
    service: {
      addPause: (request) => {
        asked.push(request);
        return Promise.resolve({ ...pauseOf(8, request.topology), reason: request.reason, resolver: request.resolver });
      },
      endPause: (id) => {
        ended.push(id);
        return Promise.resolve(true);
      },
      pauses: () => Promise.resolve([pauseOf(1, 'wordcount'), pauseOf(2, null), pauseOf(3, 'billing')]),
    },
  });
  await pauseCommand(command, { topology: 'wordcount', resolver: 'scale_down', duration: '1h', reason: 'load test' });
  t.strictSame(asked, [{ topology: 'wordcount', resolver: 'scale_down', durationMs: 3_600_000, reason: 'load test' }]);
  t.equal(
    said(),
    'wordcount is paused (scale down only), ends in 1 h: “load test”. To end it: dhalion resume wordcount\n',
  );
  await resumeCommand(command, 'wordcount');
  t.strictSame(ended, [sampleId(1)], 'only its own');
  t.match(said(), /\nwordcount is no longer paused \(1 pause ended\)\.\nStill in force: everything is paused, /);
  await resumeCommand(command, null);
  t.strictSame(ended.slice(1), [sampleId(2)]);
  t.match(
    said(),
    /\neverything is no longer paused \(1 pause ended\)\.\nStill in force: wordcount is paused.*\nStill in force: billing/,
  );
  await resumeCommand(command, 'checkout');
  t.match(said(), 'No pause of checkout is in force.\nStill in force: everything');
});

await t.test('scripts get the answers of the API', async (t) => {
  const { command, said } = await asking(t, { format: 'json' });
  await statusCommand(command);
  const status = JSON.parse(said()) as Record<string, unknown>;
  t.strictSame(Object.keys(status), ['ready', 'messages', 'pauses', 'topologies']);
  t.strictSame(status['topologies'], JSON.parse(JSON.stringify(fleet.topologies.map(renderTopology))));
  const one = await asking(t, { format: 'json' });
  await explainCommand(one.command, 'wordcount');
  t.match(JSON.parse(one.said()), { topology: 'wordcount', pauses: [{ reason: 'migrating the state backend' }] });
  const log = await asking(t, { format: 'json' });
  await actionsCommand(log.command, { topology: null, limit: 20 });
  t.strictSame(JSON.parse(log.said()), JSON.parse(JSON.stringify(fleet.actions.map(renderAction))));
});

await t.test('an address without a Dhalion is named with a remedy', async (t) => {
  const nobody = commandAt(t, `http://127.0.0.1:${await freePort()}`, null);
  await t.rejects(statusCommand(nobody.command), {
    code: 'service_unreachable',
    message: /^cannot reach Dhalion at http:.*ECONNREFUSED: is it running, and is --url its listen address/,
  });
  const { url } = await startTestService(t);
  const elsewhere = commandAt(t, `${url}/elsewhere/`, null);
  await t.rejects(statusCommand(elsewhere.command), { code: 'service_refused', message: /elsewhere answered 404: / });
  const error = await statusCommand(commandAt(t, 'ftp://x', null).command).catch((fault: unknown) => fault);
  t.ok(error instanceof DhalionError);
  t.match(error, { message: /not an http or https URL/ });
});
