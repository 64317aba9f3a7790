import t from 'tap';
import { escapeHtml, renderLandingPage } from '../../src/http/landing-page.js';

await t.test('text cannot become markup', (t) => {
  t.equal(escapeHtml(`<a href="x" id='y'>&amp;`), '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;');
  t.notMatch(renderLandingPage('<script>'), '<script>');
  t.end();
});
