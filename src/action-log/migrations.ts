// The schema's history, oldest first. A released migration never changes; a new one is added at the end. All that are due run
// in one transaction: a process that is killed half-way leaves the old version.
import { Migrator, sql, type Kysely, type Migration } from 'kysely';
import { DhalionError } from '../errors.js';
import { VERSION } from '../version.js';
import { lastVersion } from './log-versions.js';
import { keysOf, type NameKey } from './name-keys.js';
import { storageFaultOf, type SqlStorage } from './sql-storage.js';

export type Migrations = Readonly<Record<string, Migration>>;

/** By name; names sort by age. */
export function migrationsFor(storage: Pick<SqlStorage, 'countedKey' | 'nameKey'>): Migrations {
  return {
    '0001-alerts-decisions-actions': { up: (kysely) => createTables(kysely, storage.countedKey) },
    '0002-leases-pauses-removals': { up: (kysely) => addLeasesPausesRemovals(kysely, storage.countedKey) },
    '0004-refusals': { up: addRefusals },
    '0005-instance-memories': { up: addInstanceMemories },
    '0006-versions': { up: addVersions },
    '0007-newest-of-a-topology': { up: indexNewestOfTopology },
    '0008-names-of-any-length': { up: (kysely) => indexNamesOfAnyLength(kysely, storage.nameKey) },
    '0009-forgotten-instances': { up: (kysely) => addForgottenInstances(kysely, storage.countedKey) },
    '0010-operators': { up: addOperators },
  };
}

/** Brings the schema up to date. Rejects with `storage_unavailable`, for good if a newer version wrote the log. */
export async function migrate(storage: SqlStorage, migrations: Migrations = migrationsFor(storage)): Promise<void> {
  const migrator = new Migrator({
    db: storage.kysely,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const fault = storageFaultOf(storage, error);
  if (fault.retryable) throw fault;
  const problem = (await problemOfNewer(storage, migrations)) ?? 'is incompatible with this version of dhalion';
  throw new DhalionError('storage_unavailable', `${storage.name} ${problem}`, { cause: error });
}

/** A message, if a version that knows more migrations wrote the log; null: none did. */
async function problemOfNewer(storage: SqlStorage, migrations: Migrations): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(storage.kysely);
  const unknown = rows.map(({ name }) => name).filter((name) => !(name in migrations));
  if (unknown.length === 0) return null;
  const version = (await lastVersion(storage)) ?? `of a later version than ${VERSION}`;
  return (
    `was written by dhalion ${version}, and this is ${VERSION}, which does not know its schema: ` +
    'run that version or a later one, or restore a copy from before the upgrade'
  );
}

async function createTables(kysely: Kysely<unknown>, countedKey: SqlStorage['countedKey']): Promise<void> {
  await createAlerts(kysely, countedKey);
  await createDecisions(kysely, countedKey);
  await createActions(kysely, countedKey);
  await kysely.schema
    .createTable('write_checks')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .execute();
}

async function createAlerts(kysely: Kysely<unknown>, countedKey: SqlStorage['countedKey']): Promise<void> {
  await kysely.schema
    .createTable('alerts')
    .addColumn('id', ...countedKey)
    .addColumn('accepted_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('topology', 'text', (column) => column.notNull())
    .addColumn('operator', 'text', (column) => column.notNull())
    .addColumn('diagnosis', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text')
    .addColumn('starts_at', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('cancelled_by', 'bigint')
    .execute();
  await sql`create index alerts_undecided on alerts (id) where state = 'undecided'`.execute(kysely);
  await sql`create index alerts_undecided_of on alerts (topology, operator, diagnosis) where state = 'undecided'`.execute(
    kysely,
  );
  await kysely.schema.createIndex('alerts_by_age').on('alerts').columns(['accepted_at_ms']).execute();
}

async function createDecisions(kysely: Kysely<unknown>, countedKey: SqlStorage['countedKey']): Promise<void> {
  await kysely.schema
    .createTable('decisions')
    .addColumn('id', ...countedKey)
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('topology', 'text', (column) => column.notNull())
    .addColumn('operator', 'text', (column) => column.notNull())
    .addColumn('diagnosis', 'text', (column) => column.notNull())
    .addColumn('resolver', 'text')
    .addColumn('decision', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('action_id', 'text')
    // Unique: an alert is decided once.
    .addColumn('alert_id', 'bigint', (column) => column.unique().references('alerts.id').onDelete('set null'))
    .addColumn('evidence', 'text')
    .execute();
  await kysely.schema.createIndex('decisions_by_age').on('decisions').columns(['at_ms', 'id']).execute();
  await kysely.schema
    .createIndex('decisions_by_topology')
    .on('decisions')
    .columns(['topology', 'at_ms', 'id'])
    .execute();
}

async function createActions(kysely: Kysely<unknown>, countedKey: SqlStorage['countedKey']): Promise<void> {
  await kysely.schema
    .createTable('actions')
    .addColumn('sequence', ...countedKey)
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('topology', 'text', (column) => column.notNull())
    .addColumn('operator', 'text', (column) => column.notNull())
    .addColumn('resolver', 'text', (column) => column.notNull())
    .addColumn('diagnosis', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('current_parallelism', 'integer', (column) => column.notNull())
    .addColumn('desired_parallelism', 'integer', (column) => column.notNull())
    .addColumn('operator_instances', 'text', (column) => column.notNull())
    .addColumn('reverts', 'text')
    .addColumn('reverted_by', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('dry_run', 'integer', (column) => column.notNull())
    .addColumn('claimed_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('completed_at_ms', 'bigint')
    .addColumn('judged_at_ms', 'bigint')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('failure', 'text')
    .addColumn('webhook', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('settling', 'text', (column) => column.notNull())
    .execute();
  // One open action per topology, whichever replica asks and however many at once.
  await sql`create unique index actions_one_open on actions (topology) where state <> 'judged'`.execute(kysely);
  await sql`create index actions_open on actions (claimed_at_ms, sequence) where state <> 'judged'`.execute(kysely);
  await kysely.schema.createIndex('actions_by_age').on('actions').columns(['claimed_at_ms', 'sequence']).execute();
  await kysely.schema
    .createIndex('actions_by_topology')
    .on('actions')
    .columns(['topology', 'claimed_at_ms', 'sequence'])
    .execute();
}

async function addLeasesPausesRemovals(kysely: Kysely<unknown>, countedKey: SqlStorage['countedKey']): Promise<void> {
  await kysely.schema.alterTable('actions').addColumn('lease_holder', 'text').execute();
  await kysely.schema.alterTable('actions').addColumn('lease_until_ms', 'bigint').execute();
  await sql`create index actions_reverting on actions (reverts) where reverts is not null`.execute(kysely);
  await sql`create index actions_harmful on actions (judged_at_ms, sequence)
    where resolver = 'scale_down' and outcome = 'harmful'`.execute(kysely);
  await kysely.schema.createIndex('actions_by_judgement').on('actions').columns(['judged_at_ms', 'sequence']).execute();
  await kysely.schema
    .createTable('pauses')
    .addColumn('sequence', ...countedKey)
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('topology', 'text')
    .addColumn('resolver', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .execute();
  await kysely.schema
    .createTable('blacklist_removals')
    .addColumn('id', ...countedKey)
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('topology', 'text', (column) => column.notNull())
    .addColumn('operator', 'text', (column) => column.notNull())
    .addColumn('diagnosis', 'text', (column) => column.notNull())
    .addColumn('resolver', 'text', (column) => column.notNull())
    .execute();
}

async function addRefusals(kysely: Kysely<unknown>): Promise<void> {
  await kysely.schema.alterTable('actions').addColumn('refusal', 'text').execute();
  await sql`create index actions_refused on actions (judged_at_ms) where refusal is not null`.execute(kysely);
}

async function addInstanceMemories(kysely: Kysely<unknown>): Promise<void> {
  await kysely.schema
    .createTable('instance_memories')
    .addColumn('topology', 'text', (column) => column.notNull())
    .addColumn('operator', 'text', (column) => column.notNull())
    .addColumn('parallelism', 'integer', (column) => column.notNull())
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'text')
    .addColumn('noted_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('instance_memories_key', ['topology', 'operator'])
    .execute();
}

async function addVersions(kysely: Kysely<unknown>): Promise<void> {
  await kysely.schema
    .createTable('versions')
    .addColumn('version', 'text', (column) => column.primaryKey())
    .addColumn('opened_at_ms', 'bigint', (column) => column.notNull())
    .execute();
}

/** The newest rows are those written last, whatever the clock said. */
async function indexNewestOfTopology(kysely: Kysely<unknown>): Promise<void> {
  await kysely.schema.createIndex('decisions_of_topology').on('decisions').columns(['topology', 'id']).execute();
  await kysely.schema.createIndex('actions_of_topology').on('actions').columns(['topology', 'sequence']).execute();
}

/** Indexes over names of any length, which a B-tree could not hold. An exclusion by hash compares the names themselves. */
async function indexNamesOfAnyLength(kysely: Kysely<unknown>, nameKey: NameKey): Promise<void> {
  if (nameKey === null) return;
  const index = async (name: string, on: string, names: readonly string[], rest: string): Promise<void> => {
    await sql`drop index ${sql.ref(name)}`.execute(kysely);
    await sql`create index ${sql.ref(name)} on ${sql.table(on)} (${keysOf(nameKey, names)}${sql.raw(rest)}`.execute(
      kysely,
    );
  };
  await index('alerts_undecided_of', 'alerts', ['topology', 'operator'], ", diagnosis) where state = 'undecided'");
  await index('decisions_by_topology', 'decisions', ['topology'], ', at_ms, id)');
  await index('decisions_of_topology', 'decisions', ['topology'], ', id)');
  await index('actions_by_topology', 'actions', ['topology'], ', claimed_at_ms, sequence)');
  await index('actions_of_topology', 'actions', ['topology'], ', sequence)');
  await sql`drop index actions_one_open`.execute(kysely);
  await sql`alter table actions add constraint actions_one_open
    exclude using hash (topology with =) where (state <> 'judged')`.execute(kysely);
  await sql`alter table instance_memories drop constraint instance_memories_key`.execute(kysely);
  await sql`create unique index instance_memories_key
    on instance_memories (${keysOf(nameKey, ['topology', 'operator'])})`.execute(kysely);
}

async function addForgottenInstances(kysely: Kysely<unknown>, countedKey: SqlStorage['countedKey']): Promise<void> {
  await kysely.schema
    .createTable('forgotten_instances')
    .addColumn('id', ...countedKey)
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('topology', 'text', (column) => column.notNull())
    .addColumn('operator', 'text')
    .execute();
}

/** Older rows have no operators: their own columns describe the only one, and an outcome counts against it. */
async function addOperators(kysely: Kysely<unknown>): Promise<void> {
  await kysely.schema.alterTable('actions').addColumn('operators', 'text').execute();
  await kysely.schema.alterTable('actions').addColumn('blamed', 'text').execute();
}
