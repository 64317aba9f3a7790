// GET /: what this is and where its pages are.
import type { Express } from 'express';
import { allowOnly } from './route-methods.js';

const LINKS = [
  ['/metrics', 'metrics'],
  ['/api/v1/topologies', 'topologies'],
  ['/api/v1/actions', 'actions'],
  ['/api/v1/decisions', 'decisions'],
  ['/api/v1/blacklist', 'blacklist'],
  ['/api/v1/pauses', 'pauses'],
  ['/api/v1/openapi.json', 'API description'],
  ['/-/healthy', 'health'],
  ['/-/ready', 'readiness'],
] as const;

export function addLandingPage(app: Express, version: string): void {
  const page = renderLandingPage(version);
  app
    .route('/')
    .get((_request, response) => {
      response.type('text/html').send(page);
    })
    .all(allowOnly('GET', 'HEAD'));
}

export function renderLandingPage(version: string): string {
  const items = LINKS.map(([path, words]) => `      <li><a href="${path}">${words}</a></li>`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Dhalion</title>
  </head>
  <body>
    <h1>Dhalion</h1>
    <p>Self-regulating health manager for stream-processing topologies, version ${escapeHtml(version)}.</p>
    <ul>
${items.join('\n')}
    </ul>
  </body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and quoted attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
