// What a person's browser is told at `/` where it has no credentials to show. A browser asks for a password by itself, but
// cannot send a bearer token by itself.
import type { WebConfig } from '../web-config.js';

export function renderCredentialsPage({ users, tokenDigests }: Pick<WebConfig, 'users' | 'tokenDigests'>): string {
  const ways = [
    ...(users.size > 0 ? ['Reload the page, and give a user and a password of <code>basic_auth_users</code>.'] : []),
    ...(users.size === 0 && tokenDigests.length > 0
      ? [
          'Here only bearer tokens are taken, which a browser cannot send by itself. Add <code>basic_auth_users</code> to the ' +
            'file of <code>--web.config.file</code> (it is read again, no restart is needed), or put a proxy in front that ' +
            'knows its users and adds <code>Authorization: Bearer …</code>.',
          'Without a page: <code>curl -H "Authorization: Bearer $TOKEN" …/api/v1/topologies</code>',
        ]
      : []),
  ];
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Dhalion: credentials are needed</title>
  </head>
  <body>
    <main>
      <h1>Credentials are needed</h1>
${ways.map((way) => `      <p>${way}</p>`).join('\n')}
    </main>
  </body>
</html>
`;
}
