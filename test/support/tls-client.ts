// One request over a separate TLS connection, with facts about the connection.
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { TLSSocket, type ConnectionOptions } from 'node:tls';

export interface TlsAnswer {
  readonly status: number;
  readonly body: string;
  /** Subject of the server's certificate; null: a session was resumed, without the certificate. */
  readonly server: string | null;
  readonly protocol: string | null;
  readonly cipher: string;
  readonly isResumed: boolean;
  /** For resuming the session. */
  readonly session: Buffer | undefined;
}

/** Rejects if the connection ends before an answer. */
export function askOverTls(
  url: string,
  tls: ConnectionOptions,
  headers: Record<string, string> = {},
): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    let session: Buffer | undefined;
    const call = request(url, { ...tls, headers, agent: false }, (response) => {
      const { socket } = response;
      if (!(socket instanceof TLSSocket)) throw new TypeError('not over TLS');
      const seen = {
        status: response.statusCode ?? 0,
        server: socket.getPeerX509Certificate()?.subject ?? null,
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        isResumed: socket.isSessionReused(),
      };
      text(response).then((body) => {
        resolve({ ...seen, body, session });
      }, reject);
    });
    call.on('socket', (socket) => {
      socket.on('session', (ticket: Buffer) => (session = ticket));
    });
    call.on('error', reject);
    call.end();
  });
}
