// Reads the Authorization header (RFC 7617 Basic, RFC 6750 Bearer): the client's claim. Pure; the claim is checked elsewhere.

export type Authorization =
  /** No header, or another scheme. */
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }
  /** `because` says nothing of what was sent. */
  | { readonly kind: 'malformed'; readonly because: string };

export function parseAuthorization(header: string | undefined): Authorization {
  const [, scheme = '', credentials = ''] = /^([^ ]*)(?: +(.*))?$/s.exec(header ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return parseBasic(credentials);
    case 'bearer':
      return /^[\x21-\x7e]+$/.test(credentials)
        ? { kind: 'bearer', token: credentials }
        : { kind: 'malformed', because: 'the bearer token must be one word of ASCII' };
    default:
      return { kind: 'none' };
  }
}

function parseBasic(credentials: string): Authorization {
  const userPass = /^[A-Za-z0-9+/]+={0,2}$/.test(credentials) ? decodeUtf8(Buffer.from(credentials, 'base64')) : null;
  if (userPass === null) return { kind: 'malformed', because: 'basic credentials must be UTF-8 in base64' };
  const colon = userPass.indexOf(':');
  if (colon < 0) return { kind: 'malformed', because: 'basic credentials must have a colon between user and password' };
  // RFC 7617, section 2.
  if (/\p{Cc}/u.test(userPass))
    return { kind: 'malformed', because: 'basic credentials must not contain control characters' };
  return { kind: 'basic', user: userPass.slice(0, colon), password: userPass.slice(colon + 1) };
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder's error has no more details.
    return null;
  }
}
