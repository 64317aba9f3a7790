// A process of its own, to be killed and suspended: a scaling webhook that accepts every call and reports each on stdout as a
// line of JSON: its topology, its key, and what it asked for. Argument: its port.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WebhookBody } from '../../src/webhooks/webhook-body.js';

export interface ReceivedCall {
  readonly topology: string;
  readonly key: string;
  readonly parallelism: number;
}

createServer((request, response) => {
  void text(request).then((body) => {
    const { topology, id: key, desired_parallelism: parallelism } = JSON.parse(body) as WebhookBody;
    process.stdout.write(`${JSON.stringify({ topology, key, parallelism } satisfies ReceivedCall)}\n`);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{}');
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => {
  process.stdout.write('{}\n');
});
