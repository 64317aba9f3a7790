// How the indexes over names are asked: names are of any length, and PostgreSQL's B-trees take 2,704 bytes at most. There
// they hold a key in the place of the name, and what has the key is compared with the name.
import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** What an index holds in the place of a name: short, and the same for the same name. null: the name itself. */
export type NameKey = ((name: RawBuilder<string>) => RawBuilder<unknown>) | null;

/** That both are the same name, so that an index over `column` answers it. */
export function isSameName(nameKey: NameKey, column: string, name: RawBuilder<string>): RawBuilder<SqlBool> {
  const held = sql.ref<string>(column);
  const isSame = sql<SqlBool>`${held} = ${name}`;
  return nameKey === null ? isSame : sql<SqlBool>`(${nameKey(held)} = ${nameKey(name)} and ${isSame})`;
}

/** What a unique index over these columns is over, in their order. */
export function keysOf(nameKey: NameKey, columns: readonly string[]): RawBuilder<unknown> {
  const held = columns.map((column) => sql.ref<string>(column));
  return sql.join(nameKey === null ? held : held.map(nameKey));
}
