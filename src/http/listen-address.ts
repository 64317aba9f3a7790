// The listen address as written on the command line, and whether it is reachable from other machines.
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { DhalionError } from '../errors.js';

export interface ListenAddress {
  /** IP address or host name; null: every address of the machine. */
  readonly host: string | null;
  /** 0: any free one. */
  readonly port: number;
}

/** Parses `127.0.0.1:10017`, `:10017`, `[::1]:10017` or `localhost:0`; throws `DhalionError` listen_failed. */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, port] = /^(?:\[([^\][]+)\]|([^:\][\s/]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535 || (bracketed !== undefined && isIP(bracketed) !== 6)) {
    throw new DhalionError(
      'listen_failed',
      `listen address '${text}' must be host:port, :port or [IPv6]:port, with a port from 0 to 65535`,
    );
  }
  const host = bracketed ?? plain ?? '';
  return { host: host === '' ? null : host, port: Number(port) };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** True if only this machine can reach the IP address. */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** The IP address to bind, so that the checked address is the bound one; throws `DhalionError` listen_failed. */
export async function resolveHost(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new DhalionError('listen_failed', `listen address: host '${host}' cannot be resolved`, { cause: error });
  }
}
