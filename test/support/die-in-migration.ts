// A process of its own: kills itself in the middle of a migration, after a first change of the schema. Arguments: folder of
// the log, or `--postgres` and the file with the URL of its database.
import { migrate, migrationsFor } from '../../src/action-log/migrations.js';
import { openPostgresStorage } from '../../src/action-log/postgres-dialect.js';
import { openSqliteStorage } from '../../src/action-log/sqlite-dialect.js';

const [, , place = '', urlFile = ''] = process.argv;
const storage =
  place === '--postgres'
    ? openPostgresStorage(urlFile, { connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 })
    : openSqliteStorage(place);
await migrate(storage, {
  ...migrationsFor(storage),
  '9999-never-finished': {
    up: async (kysely) => {
      await kysely.schema.createTable('half_made').addColumn('id', 'integer').execute();
      await kysely.schema.alterTable('actions').addColumn('half_made', 'integer').execute();
      process.kill(process.pid, 'SIGKILL');
    },
  },
});
