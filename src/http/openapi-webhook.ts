// The scaling webhook in OpenAPI's words: what this service sends when it acts, and how each answer is understood.
import { WEBHOOK_BODY_SCHEMA } from '../webhooks/webhook-body-schema.js';

const UUID = { type: 'string', format: 'uuid' } as const;

export const SCALING_WEBHOOK = {
  operationId: 'scale',
  summary: 'Asks for a state of the topology, never for a change of it.',
  description:
    'Sent to the webhooks of type generic; method, headers and body are as given here unless the webhook overrides them. ' +
    'No redirect is followed, and what is answered is not read.',
  // The receiver's own affair.
  security: [],
  parameters: [
    inHeader('idempotency-key', true, 'The id of the action, in quotes; the same in every repetition.', {
      type: 'string',
    }),
    inHeader('webhook-id', true, 'The id of the action.', UUID),
    inHeader('webhook-timestamp', true, 'Unix time of this attempt, seconds.', { type: 'string', pattern: '^[0-9]+$' }),
    inHeader('webhook-signature', false, 'Where a signing secret is configured: that of Standard Webhooks, v1.', {
      type: 'string',
      pattern: '^v1,[A-Za-z0-9+/]+={0,2}$',
    }),
  ],
  requestBody: { required: true, content: { 'application/json': { schema: WEBHOOK_BODY_SCHEMA } } },
  responses: {
    '2XX': { description: 'It will be brought about.' },
    '408': { description: 'Sent again, until the action expires.' },
    '409': { description: 'Sent again: the call is still being worked on.' },
    '412': { description: 'Final: the state it was based on is stale.' },
    '425': { description: 'Sent again, until the action expires.' },
    '429': { description: 'Sent again, after `Retry-After` where it is given.' },
    '3XX': { description: 'Final: redirects are not followed.' },
    '4XX': { description: 'Final: the call failed.' },
    '5XX': { description: 'Sent again, after `Retry-After` where it is given.' },
  },
} as const;

function inHeader(name: string, required: boolean, description: string, schema: object): object {
  return { name, in: 'header', required, description, schema };
}
