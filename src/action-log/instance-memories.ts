// How many instances each operator had when all were last seen. Rows are replaced, not added: only the last one counts.
import { sql, type Kysely, type Transaction } from 'kysely';
import type { InstanceMemory, TopologyMemory } from '../policy/notice-missing-instances.js';
import type { ForgetOrder, ForgottenInstances, LoggedForgetOrder, RememberedInstances } from './log-entries.js';
import { isSameName, keysOf, type NameKey } from './name-keys.js';
import { storableOrNull, storableText } from './rows.js';
import type { ActionLogTables, InstanceMemoryTable } from './tables.js';

export async function readInstanceMemories(
  kysely: Kysely<ActionLogTables>,
): Promise<ReadonlyMap<string, TopologyMemory>> {
  const rows = await kysely.selectFrom('instanceMemories').selectAll().execute();
  const memories = new Map<string, Map<string, InstanceMemory>>();
  for (const row of rows) {
    const memory = memories.get(row.topology) ?? new Map<string, InstanceMemory>();
    memories.set(row.topology, memory.set(row.operator, memoryOf(row)));
  }
  return memories;
}

export async function writeInstanceMemories(
  trx: Transaction<ActionLogTables>,
  remembered: readonly RememberedInstances[],
  atMs: number,
  nameKey: NameKey,
): Promise<void> {
  for (const { topology, operator, parallelism, sinceMs, attempts } of remembered) {
    const values = {
      parallelism,
      sinceMs,
      attempts: attempts === null ? null : JSON.stringify([...attempts]),
      notedAtMs: atMs,
    };
    await trx
      .insertInto('instanceMemories')
      .values({ topology: storableText(topology), operator: storableText(operator), ...values })
      .onConflict((conflict) => conflict.expression(keysOf(nameKey, ['topology', 'operator'])).doUpdateSet(values))
      .execute();
  }
}

/** Deletes the memories and logs the order, for the other replicas. Returns what was deleted. */
export async function writeForgetOrder(
  trx: Transaction<ActionLogTables>,
  { topology, operator }: ForgetOrder,
  atMs: number,
  nameKey: NameKey,
): Promise<ForgottenInstances[]> {
  const isNamed = (column: 'topology' | 'operator', name: string) =>
    isSameName(nameKey, column, sql.val(storableText(name)));
  const named = trx.deleteFrom('instanceMemories').where(isNamed('topology', topology));
  const meant = operator === null ? named : named.where(isNamed('operator', operator));
  const forgotten = await meant.returning(['operator', 'parallelism']).execute();
  const order = { topology: storableText(topology), operator: storableOrNull(operator), atMs };
  await trx.insertInto('forgottenInstances').values(order).execute();
  return forgotten;
}

export function readForgetOrders(kysely: Kysely<ActionLogTables>, afterId: number): Promise<LoggedForgetOrder[]> {
  const orders = kysely.selectFrom('forgottenInstances').select(['id', 'topology', 'operator']);
  return orders.where('id', '>', afterId).orderBy('id').execute();
}

function memoryOf({ parallelism, sinceMs, attempts }: InstanceMemoryTable): InstanceMemory {
  return {
    parallelism,
    sinceMs,
    attempts: attempts === null ? null : new Map(JSON.parse(attempts) as [string, string][]),
  };
}
