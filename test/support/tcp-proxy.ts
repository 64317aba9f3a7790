// A TCP relay on loopback that can go silent: connections stay open, but nothing passes, as with a host that vanished.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Test } from 'tap';

export interface TcpProxy {
  readonly port: number;
  /** Nothing passes any more, over old and new connections. */
  silence(): void;
  resume(): void;
}

export async function tcpProxyFor(t: Test, targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSilent = false;
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    const pair = [client, target] as const;
    pairs.add(pair);
    relay(client, target);
    relay(target, client);
    if (isSilent) pauseBoth(pair);
    client.once('close', () => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    silence: () => {
      isSilent = true;
      for (const pair of pairs) pauseBoth(pair);
    },
    resume: () => {
      isSilent = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
  };
}

function relay(from: Socket, to: Socket): void {
  from.on('data', (chunk) => to.write(chunk));
  from.once('close', () => to.destroy());
  // `close` follows.
  from.on('error', () => undefined);
}

function pauseBoth(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.pause();
}
