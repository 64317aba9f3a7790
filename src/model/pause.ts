// A person's order to leave things alone for a while. Unlike a silence it also stops open actions and reverts.
import type { ActionKind } from './resolver.js';

export interface Pause {
  /** UUID. */
  readonly id: string;
  /** null: every topology. */
  readonly topology: string | null;
  /** null: every resolver, and reverts. */
  readonly resolver: ActionKind | null;
  /** In the words of the person who paused. */
  readonly reason: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Whether the pause holds back what this resolver would do to this topology now. */
export function isPausedBy(pause: Pause, topology: string, resolver: ActionKind, nowMs: number): boolean {
  return (
    pause.expiresAtMs > nowMs &&
    (pause.topology === null || pause.topology === topology) &&
    (pause.resolver === null || pause.resolver === resolver)
  );
}
