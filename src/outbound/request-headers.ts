// The headers of one call, and the credentials of http_config among them.
import { Headers } from 'node-fetch';
import { DhalionError } from '../errors.js';
import type { HttpConfig } from './http-config.js';
import { readSecretFile } from './secret-file.js';

/**
 * The user agent, then http_headers, then the call's own headers, then credentials: the later wins.
 * Rejects with `DhalionError`: secret_unreadable, or config_invalid for what no header may hold.
 */
export async function requestHeaders(
  http: HttpConfig,
  userAgent: string,
  callHeaders: Readonly<Record<string, string>>,
): Promise<Headers> {
  const headers = new Headers({ 'user-agent': userAgent });
  for (const [name, value] of [...Object.entries(http.httpHeaders), ...Object.entries(callHeaders)]) {
    setHeader(headers, name, value, () => {
      throw new DhalionError('config_invalid', `header ${JSON.stringify(name)} or its value is not valid in HTTP`);
    });
  }
  if (http.basicAuth !== null) {
    const { username, passwordFile } = http.basicAuth;
    const userPass = `${username}:${await readSecretFile(passwordFile)}`;
    headers.set('authorization', `Basic ${Buffer.from(userPass, 'utf8').toString('base64')}`);
  } else if (http.authorization !== null) {
    const { type, credentialsFile } = http.authorization;
    setHeader(headers, 'authorization', `${type} ${await readSecretFile(credentialsFile)}`, () => {
      throw new DhalionError('secret_unreadable', `secret file ${credentialsFile} holds what no HTTP header may hold`);
    });
  }
  return headers;
}

/** node-fetch's own complaint may quote what it was given, so it is replaced and not wrapped. */
function setHeader(headers: Headers, name: string, value: string, onInvalid: () => never): void {
  try {
    headers.set(name, value);
  } catch {
    onInvalid();
  }
}
