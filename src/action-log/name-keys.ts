// How queries use the indexes over names: names may have any length, but PostgreSQL's B-trees take at most 2,704 bytes. There
// an index holds a key instead of the name, and rows with that key are compared by name.
import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** What an index holds instead of a name: short, and the same for the same name. null: the name itself. */
export type NameKey = ((name: RawBuilder<string>) => RawBuilder<unknown>) | null;

/** Compares two names so that an index over `column` can be used. */
export function isSameName(nameKey: NameKey, column: string, name: RawBuilder<string>): RawBuilder<SqlBool> {
  const held = sql.ref<string>(column);
  const isSame = sql<SqlBool>`${held} = ${name}`;
  return nameKey === null ? isSame : sql<SqlBool>`(${nameKey(held)} = ${nameKey(name)} and ${isSame})`;
}

/** The expressions of a unique index over these columns, in their order. */
export function keysOf(nameKey: NameKey, columns: readonly string[]): RawBuilder<unknown> {
  const held = columns.map((column) => sql.ref<string>(column));
  return sql.join(nameKey === null ? held : held.map(nameKey));
}
