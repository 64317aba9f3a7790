// PURE: names as DNS and Kubernetes have them. What comes from a label of series is checked with these before it becomes a part of an
// address: whoever runs a job may write its labels.

/** RFC 1123, in lower case, as Kubernetes names a Service or a namespace. */
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Of a label, in messages. */
const MAX_QUOTED = 80;

export function isDnsLabel(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** For a message: with quotes and escapes, cut where it is long. */
export function quoteLabel(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}
