// The page's frame as the server sends it: the content before any script has run, and the addresses of the rest.
// Addresses are relative, so that it also works below a proxy's path.
import { escapeHtml } from '../../escape-html.js';
import type { PageFiles } from './page-files.js';

const SECTIONS = [
  ['topologies', 'Topologies'],
  ['pauses', 'Pauses'],
  ['blacklist', 'Blacklist'],
  ['actions', 'Actions'],
] as const;
const LINKS = [
  ['metrics', 'metrics'],
  ['api/v1/topologies', 'topologies'],
  ['api/v1/actions', 'actions'],
  ['api/v1/decisions', 'decisions'],
  ['api/v1/blacklist', 'blacklist'],
  ['api/v1/pauses', 'pauses'],
  ['api/v1/openapi.json', 'API description'],
  ['-/healthy', 'health'],
  ['-/ready', 'readiness'],
] as const;

export function renderStatusPage(version: string, { digest, byName }: PageFiles): string {
  const at = (name: string): string => `assets/${digest}/${name}`;
  const modules = [...byName.keys()].filter((name) => name.endsWith('.js'));
  const preloads = modules.map((name) => `    <link rel="modulepreload" href="${at(name)}">`);
  const links = LINKS.map(([path, words]) => `          <li><a href="${path}">${words}</a></li>`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Dhalion</title>
    <link rel="icon" href="${at('favicon.svg')}" type="image/svg+xml">
    <link rel="stylesheet" href="${at('status-page.css')}">
${preloads.join('\n')}
    <script type="module" src="${at('main.js')}"></script>
  </head>
  <body>
    <header id="top" class="top">
      <h1>Dhalion</h1>
      <span class="version">${escapeHtml(version)}</span>
      <nav aria-label="On this page" class="contents">
        ${SECTIONS.map(([id, words]) => `<a href="#${id}">${words}</a>`).join('\n        ')}
      </nav>
    </header>
    <main id="page">
      <p class="note">Loading…</p>
      <noscript><p class="note">This page needs JavaScript. The addresses below have the same data.</p></noscript>
    </main>
    <footer>
      <nav aria-label="Other pages">
        <ul class="links">
${links.join('\n')}
        </ul>
      </nav>
    </footer>
  </body>
</html>
`;
}
