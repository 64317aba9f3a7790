// A webhook sender with a real HTTP client, a clock whose time passes in `sleep`, and a record of everything it does.
import type { Test } from 'tap';
import type { GenericWebhookSettings } from '../../src/webhooks/generic/generic-settings.js';
import { createLogger } from '../../src/logger.js';
import type { Action } from '../../src/model/action.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { createWebhookSender, type SendResult, type WebhookSenderParts } from '../../src/webhooks/webhook-sender.js';
import type { WebhookSettings } from '../../src/webhooks/webhook-types.js';
import type { Answer, AnsweringServer } from './answering-server.js';
import { createFakeClock } from './fake-clock.js';
import { CLAIMED_AT_MS, sampleAction, sampleWebhook } from './webhook-samples.js';

/** Whole settings, of a type other than generic. */
export type OtherWebhookSettings = Exclude<WebhookSettings, GenericWebhookSettings>;

export const NEVER = new AbortController().signal;

/** Answers with the given statuses in turn, the last one for ever. */
export function inTurn(...statuses: number[]): Answer {
  let next = 0;
  return (response) => {
    response.writeHead(statuses[Math.min(next, statuses.length - 1)] ?? 500).end();
    next += 1;
  };
}

export function setUpSender(
  t: Test,
  more: { webhook?: Partial<GenericWebhookSettings> | OtherWebhookSettings } & Partial<
    Omit<WebhookSenderParts, 'webhook'>
  > = {},
) {
  const { webhook: webhookParts, ...parts } = more;
  const webhook = isOther(webhookParts) ? webhookParts : sampleWebhook(webhookParts);
  const http = createHttpClient(webhook.http, { userAgent: 'dhalion/other' });
  t.teardown(() => {
    http.close();
  });
  const clock = createFakeClock(CLAIMED_AT_MS);
  const codes: string[] = [];
  const lines: string[] = [];
  const sender = createWebhookSender({
    webhook,
    http,
    clock,
    random: () => 0.5,
    userAgent: 'dhalion/1.2.3',
    onCall: (name, code) => codes.push(`${name} ${code}`),
    logger: createLogger({ level: 'debug', format: 'json' }, { write: (line) => lines.push(line) }),
    ...parts,
  });
  let recorded = 0;
  const send = (action: Action, signal = NEVER): Promise<SendResult> =>
    sender.send(
      action,
      {
        beforeAttempt: () => {
          recorded += 1;
          return Promise.resolve(true);
        },
      },
      signal,
    );
  return { sender, send, clock, codes, lines, recorded: () => recorded };
}

function isOther(
  webhook: Partial<GenericWebhookSettings> | OtherWebhookSettings = {},
): webhook is OtherWebhookSettings {
  return webhook.type !== undefined && webhook.type !== 'generic';
}

export function actionFor(server: Pick<AnsweringServer, 'url'>, more: Partial<Action> = {}): Action {
  return sampleAction({ ...more, request: { ...sampleAction().request, url: `${server.url}/scale`, ...more.request } });
}
