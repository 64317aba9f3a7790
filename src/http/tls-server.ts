// HTTPS with the web configuration's certificates at each new connection, and its client_auth_type. A connection without a required
// certificate ends before any of its requests is read.
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { LiveWebConfig } from './live-web-config.js';
import type { ClientAuthType } from './web-config-schema.js';
import type { TlsSettings } from './web-config.js';

export function createTlsServer(
  options: ServerOptions,
  tls: TlsSettings,
  webConfig: LiveWebConfig,
  app: RequestListener,
): Server {
  const { clientAuthType, context } = tls;
  const server = createServer(
    {
      ...options,
      ...context,
      requestCert: clientAuthType !== 'NoClientCert',
      rejectUnauthorized: clientAuthType === 'RequireAndVerifyClientCert',
    },
    app,
  );
  let applied = tls;
  // Before Node's own listener, which begins the handshake.
  server.prependListener('connection', () => {
    // While the configuration is invalid, the old certificate is still used to report it.
    const current = webConfig.current()?.tls ?? applied;
    if (current === applied) return;
    // A new context also has new session keys: sessions that the old client CA allowed are not resumed.
    server.setSecureContext(current.context);
    applied = current;
  });
  server.prependListener('secureConnection', (socket) => {
    if (!isAcceptable(clientAuthType, socket)) socket.destroy();
  });
  return server;
}

function isAcceptable(clientAuthType: ClientAuthType, socket: TLSSocket): boolean {
  const isGiven = socket.getPeerX509Certificate() !== undefined;
  switch (clientAuthType) {
    case 'NoClientCert':
    case 'RequestClientCert':
      return true;
    case 'RequireAnyClientCert':
      return isGiven;
    case 'VerifyClientCertIfGiven':
      return !isGiven || socket.authorized;
    case 'RequireAndVerifyClientCert':
      return isGiven && socket.authorized;
  }
}
