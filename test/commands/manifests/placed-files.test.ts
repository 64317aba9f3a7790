import t from 'tap';
import { placeBelow, placeOf } from '../../../src/commands/manifests/placed-files.js';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

await t.test('a file below the folder has the same path in the pod, and a key of its path', (t) => {
  for (const [path, place] of [
    ['/etc/dhalion/postgres', { path: 'postgres', key: 'postgres' }],
    ['/etc/dhalion/keys/signing.txt', { path: 'keys/signing.txt', key: 'keys.signing.txt' }],
    ['/etc/dhalion//keys/./signing', { path: 'keys/signing', key: 'keys.signing' }],
    ['/etc/dhalion/keys/../signing', { path: 'signing', key: 'signing' }],
    [`${SERVICE_ACCOUNT}/token`, 'service_account'],
    [`${SERVICE_ACCOUNT}/ca.crt`, 'service_account'],
  ] as const) {
    t.strictSame(placeOf(path), place, path);
  }
  t.end();
});

await t.test('every other file has no place', (t) => {
  for (const path of [
    '/etc/dhalion',
    '/etc/dhalion/',
    '/etc/dhalion/dhalion.yml',
    '/etc/dhalion/web.yml',
    '/etc/dhalion/../passwd',
    '/etc/dhalion/..data/token',
    '/etc/dhalion/with space',
    '/etc/dhalion/ü',
    '/etc/dhalionette/token',
    'postgres',
    'etc/dhalion/postgres',
    '../etc/dhalion/postgres',
    '',
    '/',
    `${SERVICE_ACCOUNT}/other`,
    SERVICE_ACCOUNT,
  ]) {
    t.equal(placeOf(path), null, path);
  }
  t.end();
});

await t.test('a name in a file of the Secret is relative to its folder', (t) => {
  t.strictSame(placeBelow('tokens/a'), { path: 'tokens/a', key: 'tokens.a' });
  for (const path of ['../a', '..', '.', '', 'dhalion.yml', 'a/../../b']) t.equal(placeBelow(path), null, path);
  t.end();
});
