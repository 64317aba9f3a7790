// The scaling webhook in OpenAPI: the calls that this service makes, and the meaning of each answer.
import { WEBHOOK_BODY_SCHEMA } from '../webhooks/webhook-body-schema.js';

const UUID = { type: 'string', format: 'uuid' } as const;

export const SCALING_WEBHOOK = {
  operationId: 'scale',
  summary: 'Requests a target state of the topology, never a relative change.',
  description:
    'Sent to webhooks of type generic. The configuration can override method, headers and body. ' +
    'Redirects are not followed, and the body of the answer is ignored.',
  // Authentication is up to the receiver.
  security: [],
  parameters: [
    inHeader('idempotency-key', true, 'The id of the action, in quotes; the same in every retry.', {
      type: 'string',
    }),
    inHeader('webhook-id', true, 'The id of the action.', UUID),
    inHeader('webhook-timestamp', true, 'Unix time of this attempt, seconds.', { type: 'string', pattern: '^[0-9]+$' }),
    inHeader('webhook-signature', false, 'Standard Webhooks signature, v1, if a signing secret is configured.', {
      type: 'string',
      pattern: '^v1,[A-Za-z0-9+/]+={0,2}$',
    }),
  ],
  requestBody: { required: true, content: { 'application/json': { schema: WEBHOOK_BODY_SCHEMA } } },
  responses: {
    '2XX': { description: 'Accepted.' },
    '408': { description: 'Retried until the action expires.' },
    '409': { description: 'Retried: the call is still in progress.' },
    '412': { description: 'Final: the call is based on a stale state.' },
    '425': { description: 'Retried until the action expires.' },
    '429': { description: 'Retried, after `Retry-After` if given.' },
    '3XX': { description: 'Final: redirects are not followed.' },
    '4XX': { description: 'Final: the call failed.' },
    '5XX': { description: 'Retried, after `Retry-After` if given.' },
  },
} as const;

function inHeader(name: string, required: boolean, description: string, schema: object): object {
  return { name, in: 'header', required, description, schema };
}
