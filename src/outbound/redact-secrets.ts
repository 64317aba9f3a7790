// The secrets of a request, taken out of what was answered to it: some servers and proxies quote in their errors what they were
// sent, and errors are logged, stored and shown.

const REDACTED = '<secret>';
const SECRET_HEADER = /auth|cookie|password|secret|token|(?<!idempotency-)key/i;

/** @param headers of the request; those whose name says that they authenticate are taken for secrets, scheme and user name aside */
export function redactSecrets(text: string, headers: Iterable<readonly [string, string]>): string {
  return secretsIn(headers)
    .sort((one, other) => other.length - one.length)
    .reduce((redacted, secret) => redacted.replaceAll(secret, REDACTED), text);
}

function secretsIn(headers: Iterable<readonly [string, string]>): string[] {
  const values = [...headers].filter(([name]) => SECRET_HEADER.test(name)).flatMap(([, value]) => partsOf(value));
  // As they stand in plain text, and as they stand in JSON.
  return values.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]).filter((secret) => secret !== '');
}

function partsOf(value: string): string[] {
  const [, scheme = '', credentials = value] = /^([A-Za-z]+) +(.+)$/.exec(value) ?? [];
  if (scheme.toLowerCase() !== 'basic') return [credentials];
  const userPass = Buffer.from(credentials, 'base64').toString('utf8');
  return [credentials, userPass.slice(userPass.indexOf(':') + 1)];
}
