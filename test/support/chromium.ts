// The real Chromium for tests of pages, headless and limited to loopback; closed when the test ends.
import { chromium, type Browser } from 'playwright-core';
import type { Test } from 'tap';
import { programPath } from './real-parts.js';

const ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  // No second process for each page, which waits for the next one.
  '--renderer-process-limit=1',
  // Without these, every start tries to reach its vendor's hosts.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** A separate browser for the test. Rejects with `part_not_found` if none is found or can be installed. */
export async function chromiumFor(t: Test): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: await programPath('chromium'),
    // Chromium's sandbox does not run as root, as tests in a container do.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ARGS,
  });
  t.teardown(() => browser.close());
  return browser;
}
