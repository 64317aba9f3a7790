// Connections to one PostgreSQL database, in Kysely's form. Knows when a connection is no longer usable and where the next
// one goes: the URL is read again after every fault, so that a rotated password or a moved database is found without a
// restart. postgres-faults.ts translates errors.
import { Pool, TypeOverrides, types, type PoolClient } from 'pg';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { endsConnection } from './postgres-faults.js';

export interface PostgresTimeouts {
  /** For getting a connection, whether new or released by another user. */
  readonly connectTimeoutMs: number;
  /** The server cancels a statement after this time; a little later so do we, for a server that does not answer at all. */
  readonly statementTimeoutMs: number;
}

/** Per replica; intake commits in groups, on one connection. */
const MAX_CONNECTIONS = 5;
const IDLE_TIMEOUT_MS = 60_000;
/** How much longer than its statement an answer may take. */
const ANSWER_GRACE_MS = 2000;
const CLOSE_GRACE_MS = 1000;
const WAITING_POLL_MS = 100;

export class PostgresConnections implements PostgresPool {
  readonly #readUrl: () => Promise<string>;
  readonly #timeouts: PostgresTimeouts;
  readonly #clients = new Set<PoolClient>();
  #current: Promise<UrlPool> | null = null;

  /** @param readUrl its error becomes the rejection of `connect` */
  constructor(readUrl: () => Promise<string>, timeouts: PostgresTimeouts) {
    this.#readUrl = readUrl;
    this.#timeouts = timeouts;
  }

  async connect(): Promise<PostgresPoolClient> {
    let opened = await this.#open();
    // Another user that met a fault may have retired and ended this pool meanwhile.
    while (opened.isRetired) opened = await this.#open();
    try {
      return await this.#checkOut(opened);
    } catch (error) {
      const again = await this.#open();
      if (again.url === opened.url) throw error;
      return await this.#checkOut(again);
    }
  }

  /** Resolves when all connections are closed; connections to a silent server are cut. */
  async end(): Promise<void> {
    const opened = await this.#current?.catch(() => null);
    if (opened === null || opened === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_GRACE_MS);
    });
    await Promise.race([opened.pool.end(), grace]);
    clearTimeout(timer);
    for (const client of this.#clients) client.connection.stream.destroy();
  }

  #open(): Promise<UrlPool> {
    const opening = this.#current ?? this.#openPool();
    this.#current = opening;
    opening.catch(() => {
      this.#forget(opening);
    });
    return opening;
  }

  async #openPool(): Promise<UrlPool> {
    const url = await this.#readUrl();
    const pool = new Pool({
      connectionString: url,
      application_name: 'dhalion',
      max: MAX_CONNECTIONS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      connectionTimeoutMillis: this.#timeouts.connectTimeoutMs,
      query_timeout: this.#timeouts.statementTimeoutMs + ANSWER_GRACE_MS,
      keepAlive: true,
      types: typesOf(),
      verify: (client, done) => {
        client.query(sessionSettings(this.#timeouts)).then(() => {
          done();
        }, done);
      },
    });
    pool.on('connect', (client) => {
      this.#clients.add(client);
      // The user's query rejects. Without a listener the error would end the process.
      client.on('error', ignore);
      client.once('end', () => this.#clients.delete(client));
    });
    // An idle connection was lost; the pool opens another one when needed.
    pool.on('error', ignore);
    return { url, pool, isRetired: false };
  }

  async #checkOut(opened: UrlPool): Promise<PostgresPoolClient> {
    const isBusy = opened.pool.totalCount === MAX_CONNECTIONS && opened.pool.idleCount === 0;
    try {
      return new CheckedOutClient(await opened.pool.connect(), () => {
        this.#retire(opened);
      });
    } catch (error) {
      // More connections would not help a busy server.
      if (!isBusy) this.#retire(opened);
      throw error;
    }
  }

  /**
   * The next connection reads the URL again. Users that already wait for this pool still get a connection, because the driver
   * would leave them waiting for ever; then idle connections end, and the others when they are released.
   */
  #retire(opened: UrlPool): void {
    if (opened.isRetired) return;
    opened.isRetired = true;
    this.#current = null;
    endWhenNobodyWaits(opened.pool);
  }

  #forget(opening: Promise<UrlPool>): void {
    if (this.#current === opening) this.#current = null;
  }
}

/** One pool for each URL: pg can ask for a new password at each connection, but for no other host, database, user or certificate. */
interface UrlPool {
  readonly url: string;
  readonly pool: Pool;
  /** Whether new users get another pool. */
  isRetired: boolean;
}

function endWhenNobodyWaits(pool: Pool): void {
  if (pool.waitingCount === 0) pool.end().catch(ignore);
  else setTimeout(endWhenNobodyWaits, WAITING_POLL_MS, pool).unref();
}

/** After a connection fault nothing more is sent on the connection, not even the rollback, and it is not reused. */
class CheckedOutClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #onBroken: () => void;
  #broken: { readonly by: unknown } | null = null;

  constructor(client: PoolClient, onBroken: () => void) {
    this.#client = client;
    this.#onBroken = onBroken;
  }

  query<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): never;
  query<Row>(sql: unknown, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<Row>> {
    if (typeof sql !== 'string') throw new TypeError('cursors are not used');
    return this.#query(sql, parameters);
  }

  release(): void {
    this.#client.release(this.#broken !== null);
    if (this.#broken !== null) this.#onBroken();
  }

  async #query<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    if (this.#broken !== null) throw this.#broken.by;
    try {
      // Two packages have different types for the same result.
      return (await this.#client.query(sql, [...parameters])) as unknown as PostgresQueryResult<Row>;
    } catch (error) {
      const leavesTransactionUnclear = /^(?:begin|start|commit|rollback)\b/i.test(sql);
      if (leavesTransactionUnclear || endsConnection(error)) this.#broken = { by: error };
      throw error;
    }
  }
}

/**
 * Settings of one session. A transaction that stalls gives up its locks; an acknowledged commit is on disk, whatever the
 * database's default.
 */
function sessionSettings({ statementTimeoutMs }: PostgresTimeouts): string {
  return [
    `set statement_timeout = ${statementTimeoutMs}`,
    `set idle_in_transaction_session_timeout = ${statementTimeoutMs + ANSWER_GRACE_MS}`,
    'set session characteristics as transaction isolation level read committed',
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
  ].join('; ');
}

function typesOf(): TypeOverrides {
  const parsers = new TypeOverrides();
  // Times and counts are far below 2⁵³.
  parsers.setTypeParser(types.builtins.INT8, Number);
  return parsers;
}

function ignore(): void {
  // The next query reports the lost connection.
}
