// What can have changed, as those who look on are told: that it did, not how.

export const CHANGES = ['evaluation', 'decision', 'action', 'pause', 'blacklist'] as const;
export type Change = (typeof CHANGES)[number];
