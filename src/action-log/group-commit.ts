// Group commit: what is submitted while a commit is under way goes into the next one, together. A durable commit costs
// a flush of the disk however much is in it, so under load this multiplies what gets through; idle, it costs nothing.

/**
 * Returns a function that resolves when its item has been committed, and rejects with what the commit rejected with.
 * @param commit all of the items or none, in this order
 */
export function createGroupCommit<Item>(
  commit: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  let waiting: { item: Item; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let isCommitting = false;

  const commitWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Lets everything in that arrived in the same turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      const group = waiting;
      waiting = [];
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
