// A URL as it may be shown: in errors and logs, never with what may be a secret.

/** Scheme, host and path. Userinfo is dropped, and a query is shown as `?…`. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`;
}
