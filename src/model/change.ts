// The kinds of change that subscribers are notified of: that something changed, not how.

export const CHANGES = ['evaluation', 'decision', 'action', 'pause', 'blacklist'] as const;
export type Change = (typeof CHANGES)[number];
