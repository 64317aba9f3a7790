// Run as a process of its own, to be killed and hung: a scaling webhook that accepts every call and says on stdout, one line of
// JSON a call, for which topology it was and under which key. Argument: its port.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly topology: string;
  readonly key: string;
}

createServer((request, response) => {
  void text(request).then((body) => {
    const { topology, id: key } = JSON.parse(body) as { topology: string; id: string };
    process.stdout.write(`${JSON.stringify({ topology, key } satisfies ReceivedCall)}\n`);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{}');
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => {
  process.stdout.write('{}\n');
});
