// PURE: the names that DNS and Kubernetes allow. Label values of series are checked with these before they become a part of an
// address, because the owner of a job chooses its labels.

/** RFC 1123, in lower case: the form of names of Kubernetes Services and namespaces. */
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Characters of a label in a message. */
const MAX_QUOTED = 80;

export function isDnsLabel(text: string): boolean {
  return DNS_LABEL.test(text);
}

/** Quotes and escapes a label for a message, and truncates a long one. */
export function quoteLabel(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}
