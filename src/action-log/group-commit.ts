// Group commit: items submitted during a commit go into the next one, together. A durable commit costs one flush of the disk
// whatever its size, so under load this multiplies the throughput; idle, it costs nothing. A commit blocks the event loop, so
// a group has a maximum weight, and other work runs between groups.

export interface GroupLimit<Item> {
  /** For all items of a commit together; a single item may exceed it. */
  readonly maxWeight: number;
  /** Default: 1 each. */
  readonly weightOf?: (item: Item) => number;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Returns a function that resolves when its item has been committed, and rejects with the error of the commit.
 * @param commit all of the items or none, in this order
 */
export function createGroupCommit<Item>(
  commit: (items: readonly Item[]) => Promise<void>,
  { maxWeight, weightOf = () => 1 }: GroupLimit<Item>,
): (item: Item) => Promise<void> {
  let waiting: Waiting<Item>[] = [];
  let isCommitting = false;

  const nextGroup = (): readonly Waiting<Item>[] => {
    let weight = 0;
    const end = waiting.findIndex(({ item }, index) => (weight += weightOf(item)) > maxWeight && index > 0);
    const group = end === -1 ? waiting : waiting.slice(0, end);
    waiting = end === -1 ? [] : waiting.slice(end);
    return group;
  };

  const commitWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Collects everything that arrives in the same turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      const group = nextGroup();
      try {
        await commit(group.map(({ item }) => item));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    isCommitting = false;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isCommitting) return;
      isCommitting = true;
      void commitWaiting();
    });
}
