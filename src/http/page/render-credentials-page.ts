// The page at `/` for a browser without credentials. A browser can ask for a password, but cannot send a bearer token without
// help.
import type { WebConfig } from '../web-config.js';

export function renderCredentialsPage({ users, tokenDigests }: Pick<WebConfig, 'users' | 'tokenDigests'>): string {
  const ways = [
    ...(users.size > 0 ? ['Reload the page, and enter a user and password of <code>basic_auth_users</code>.'] : []),
    ...(users.size === 0 && tokenDigests.length > 0
      ? [
          'This server accepts only bearer tokens, which a browser cannot send. Add <code>basic_auth_users</code> to the ' +
            'file of <code>--web.config.file</code> (no restart needed), or use a proxy that ' +
            'authenticates its users and adds <code>Authorization: Bearer …</code>.',
          'On the command line: <code>curl -H "Authorization: Bearer $TOKEN" …/api/v1/topologies</code>',
        ]
      : []),
  ];
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Dhalion: credentials are required</title>
  </head>
  <body>
    <main>
      <h1>Credentials are required</h1>
${ways.map((way) => `      <p>${way}</p>`).join('\n')}
    </main>
  </body>
</html>
`;
}
