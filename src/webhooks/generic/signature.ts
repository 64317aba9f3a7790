// The symmetric signature of the Standard Webhooks specification 1.0, and its secret file.
import { createHmac } from 'node:crypto';
import { DhalionError } from '../../errors.js';
import { readSecretFile } from '../../outbound/secret-file.js';

/**
 * The value of `webhook-signature`: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`.
 * @param timestampS unix time, s, as in `webhook-timestamp`
 */
export function signatureOf(secret: Uint8Array, id: string, timestampS: number, body: string): string {
  const hmac = createHmac('sha256', secret).update(`${id}.${timestampS}.${body}`, 'utf8');
  return `v1,${hmac.digest('base64')}`;
}

/**
 * Reads the key from a file that contains `whsec_` and base64 (standard alphabet); white space around it is allowed. The file is
 * read for each call, so a secret can be replaced without a reload.
 * @throws DhalionError secret_unreadable with the file's name, never its content
 */
export async function readSigningSecret(file: string): Promise<Uint8Array> {
  const encoded = /^whsec_([A-Za-z0-9+/]+)={0,2}$/.exec((await readSecretFile(file)).trim())?.[1];
  const key = Buffer.from(encoded ?? '', 'base64');
  // Node skips characters that it cannot decode: only valid base64 encodes back to the same text.
  if (key.length === 0 || key.toString('base64').replace(/=+$/, '') !== encoded) {
    throw new DhalionError(
      'secret_unreadable',
      `signing_secret_file ${file} does not contain whsec_ followed by base64`,
    );
  }
  return key;
}
