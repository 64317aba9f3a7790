// How many instances each operator had when all were last seen. Rows are replaced, not added: what counts is the last one.
import { sql, type Kysely, type Transaction } from 'kysely';
import type { InstanceMemory, TopologyMemory } from '../policy/notice-missing-instances.js';
import { isSameName, keysOf, type NameKey } from './name-keys.js';
import { storableText } from './rows.js';
import type { ActionLogTables, InstanceMemoryTable } from './tables.js';

/** What is remembered of one operator. */
export interface RememberedInstances extends InstanceMemory {
  readonly topology: string;
  readonly operator: string;
}

export async function readInstanceMemories(
  kysely: Kysely<ActionLogTables>,
): Promise<ReadonlyMap<string, TopologyMemory>> {
  const rows = await kysely.selectFrom('instance_memories').selectAll().execute();
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
      since_ms: sinceMs,
      attempts: attempts === null ? null : JSON.stringify([...attempts]),
      noted_at_ms: atMs,
    };
    await trx
      .insertInto('instance_memories')
      .values({ topology: storableText(topology), operator: storableText(operator), ...values })
      .onConflict((conflict) => conflict.expression(keysOf(nameKey, ['topology', 'operator'])).doUpdateSet(values))
      .execute();
  }
}

export async function deleteInstanceMemories(
  trx: Transaction<ActionLogTables>,
  topology: string,
  nameKey: NameKey,
): Promise<number> {
  const deleted = await trx
    .deleteFrom('instance_memories')
    .where(isSameName(nameKey, 'topology', sql.val(storableText(topology))))
    .executeTakeFirstOrThrow();
  return Number(deleted.numDeletedRows);
}

function memoryOf({ parallelism, since_ms: sinceMs, attempts }: InstanceMemoryTable): InstanceMemory {
  return {
    parallelism,
    sinceMs,
    attempts: attempts === null ? null : new Map(JSON.parse(attempts) as [string, string][]),
  };
}
