// Connections to one PostgreSQL database, as Kysely takes them. Knows when a connection is of no use any more and where
// the next one goes: the URL is read again after every fault, so that a rotated password or a moved database is found
// without a restart. What an error means to the action log is left to postgres-faults.ts.
import { Pool, TypeOverrides, types, type PoolClient } from 'pg';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { endsConnection } from './postgres-faults.js';

export interface PostgresTimeouts {
  /** To get a connection, a new one or one that is in use. */
  readonly connectTimeoutMs: number;
  /** The server gives a statement up then; a little later so do we, for a server that does not answer at all. */
  readonly statementTimeoutMs: number;
}

/** Per replica; intake commits in groups, on one connection. */
const MAX_CONNECTIONS = 5;
const IDLE_TIMEOUT_MS = 60_000;
/** How much longer than a statement may take its answer may be on its way. */
const ANSWER_GRACE_MS = 2000;
const CLOSE_GRACE_MS = 1000;
const WAITING_POLL_MS = 100;

export class PostgresConnections implements PostgresPool {
  readonly #readUrl: () => Promise<string>;
  readonly #timeouts: PostgresTimeouts;
  readonly #clients = new Set<PoolClient>();
  #current: Promise<UrlPool> | null = null;

  /** @param readUrl throws what `connect` is to reject with */
  constructor(readUrl: () => Promise<string>, timeouts: PostgresTimeouts) {
    this.#readUrl = readUrl;
    this.#timeouts = timeouts;
  }

  async connect(): Promise<PostgresPoolClient> {
    let opened = await this.#open();
    // Retired since it was opened, by whoever met a fault: it may have ended.
    while (opened.isRetired) opened = await this.#open();
    try {
      return await this.#checkOut(opened);
    } catch (error) {
      const again = await this.#open();
      if (again.url === opened.url) throw error;
      return await this.#checkOut(again);
    }
  }

  /** Resolves when all connections are closed; those to a server that does not answer are cut. */
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
      // Its user's query rejects. Without a listener the error would end the process.
      client.on('error', ignore);
      client.once('end', () => this.#clients.delete(client));
    });
    // An idle connection was lost; the pool makes another one when it is needed.
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
      // More connections are not what a busy server needs.
      if (!isBusy) this.#retire(opened);
      throw error;
    }
  }

  /**
   * The next connection reads the URL again. Whoever waits for one of these still gets it, for the driver would let them
   * wait in vain; then the idle ones are ended, the others as they are released.
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

interface UrlPool {
  readonly url: string;
  readonly pool: Pool;
  /** Whether others are to use another one. */
  isRetired: boolean;
}

function endWhenNobodyWaits(pool: Pool): void {
  if (pool.waitingCount === 0) pool.end().catch(ignore);
  else setTimeout(endWhenNobodyWaits, WAITING_POLL_MS, pool).unref();
}

/** After a fault of the connection nothing is sent over it any more, not even the rollback, and it is not used again. */
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
      // The same result in two packages' words.
      return (await this.#client.query(sql, [...parameters])) as unknown as PostgresQueryResult<Row>;
    } catch (error) {
      const leavesTransactionUnclear = /^(?:begin|start|commit|rollback)\b/i.test(sql);
      if (leavesTransactionUnclear || endsConnection(error)) this.#broken = { by: error };
      throw error;
    }
  }
}

/**
 * For one session. Whoever is held up in the middle of a transaction gives its locks up; a commit is on disk when it is
 * acknowledged, whatever the database's default.
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
