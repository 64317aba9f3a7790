// Which versions of Dhalion have used a log; a version that is too old for it names them in its message.
import { VERSION } from '../version.js';
import { storageFaultOf, type SqlStorage } from './sql-storage.js';

/** Notes that this version uses the log from now on. Rejects with `storage_unavailable`. */
export async function recordVersion({ kysely, ...storage }: SqlStorage, atMs: number): Promise<void> {
  try {
    await kysely.transaction().execute((trx) =>
      trx
        .insertInto('versions')
        .values({ version: VERSION, openedAtMs: atMs })
        .onConflict((conflict) => conflict.column('version').doUpdateSet({ openedAtMs: atMs }))
        .execute(),
    );
  } catch (error) {
    throw storageFaultOf(storage, error);
  }
}

/** The version that used it last; null: it did not record itself. */
export async function lastVersion({ kysely }: Pick<SqlStorage, 'kysely'>): Promise<string | null> {
  try {
    const rows = kysely.selectFrom('versions').select('version').orderBy('openedAtMs', 'desc').limit(1);
    return (await rows.executeTakeFirst())?.version ?? null;
  } catch {
    // The table is missing in an older schema, or changed in a newer one.
    return null;
  }
}
