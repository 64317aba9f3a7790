// The service is asked to end while logins with slow password checks wait: it drops their queue.
import { request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import bcrypt from 'bcryptjs';
import { systemClock } from '../../src/clock.js';
import { serveFromCommandLine } from '../support/command-line.js';

t.setTimeout(240_000);

/**
 * Each step of the cost doubles the time: of the highest that is taken, one comparison takes longer than the service may take to
 * end, so that not even the one under way can have been waited for.
 */
const COST = 17;
const LOGINS = 60;
const ENDED_WITHIN_MS = 30_000;
/** Of one address only so many may wait. */
const OF_AN_ADDRESS = 10;

/** The status; 0: the connection was cut off. */
function logIn(url: string, login: number): Promise<number> {
  return new Promise((resolve) => {
    const asked = request(
      `${url}/metrics`,
      { auth: `alice:wrong ${login}`, agent: false, localAddress: `127.0.0.${2 + Math.floor(login / OF_AN_ADDRESS)}` },
      (response) => {
        response.resume().on('end', () => {
          resolve(response.statusCode ?? 0);
        });
      },
    );
    asked.on('error', () => {
      resolve(0);
    });
    asked.end();
  });
}

await t.test(
  `SIGTERM while ${LOGINS} logins of cost ${COST} wait: all are answered, and it ends with 0 at once`,
  async (t) => {
    const hash = bcrypt.hashSync('sesame', 4).replace('$04$', `$${COST}$`);
    const folder = t.testdir({
      'dhalion.yml': 'prometheus: {url: "http://127.0.0.1:1"}\ntopologies: [{name: wordcount, engine: flink}]\n',
      'web.yml': `basic_auth_users: {alice: ${hash}}\n`,
    });
    const dhalion = await serveFromCommandLine(t, {
      configFile: join(folder, 'dhalion.yml'),
      args: [`--web.config.file=${folder}/web.yml`, `--storage.path=${folder}/data`],
    });
    const warned = dhalion
      .logLines()
      .some(({ level, user, cost }) => level === 'warn' && user === 'alice' && cost === COST);
    t.ok(warned, 'the cost is warned of');
    let answered = 0;
    const logins = Promise.all(
      Array.from({ length: LOGINS }, async (_, login) => {
        const status = await logIn(dhalion.url, login);
        answered += 1;
        return status;
      }),
    );
    // The last one to come shows that those before it are there.
    t.equal((await dhalion.get('/-/healthy')).status, 200);
    t.equal(answered, 0, 'all of them wait');
    const toldAtMs = Date.now();
    dhalion.kill('SIGTERM');
    const ended = await Promise.race([dhalion.ended, systemClock.sleep(ENDED_WITHIN_MS)]);
    t.same(ended, { code: 0, signal: null }, `after ${Date.now() - toldAtMs} ms`);
    t.strictSame([...new Set(await logins)], [503]);
  },
);
