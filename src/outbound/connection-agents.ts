// Kept-alive connections, and the certificates of tls_config: read again when their files change, while calls that are
// under way finish on the connections they began with.
import { X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import { DhalionError, describeError } from '../errors.js';
import { MAX_SECRET_BYTES, readRegularFile } from '../regular-file.js';
import type { HttpConfig } from './http-config.js';

type TlsConfig = NonNullable<HttpConfig['tls']>;

export interface AgentLease {
  readonly agent: http.Agent;
  /** To be called once, when the call has ended. */
  release(): void;
}

export interface ConnectionAgents {
  /** Rejects with `DhalionError('secret_unreadable')` if a TLS file cannot be read or used. */
  lease(protocol: string): Promise<AgentLease>;
  close(): void;
}

export function createConnectionAgents(tls: TlsConfig | null): ConnectionAgents {
  const plainAgent = new http.Agent({ keepAlive: true });
  const tlsAgents = tls === null ? fixedAgent(new https.Agent({ keepAlive: true })) : createTlsAgents(tls);
  return {
    lease: (protocol) =>
      protocol === 'https:' ? tlsAgents.lease() : Promise.resolve({ agent: plainAgent, release: () => undefined }),
    close: () => {
      plainAgent.destroy();
      tlsAgents.close();
    },
  };
}

interface TlsAgents {
  lease(): Promise<AgentLease>;
  close(): void;
}

function fixedAgent(agent: https.Agent): TlsAgents {
  return {
    lease: () => Promise.resolve({ agent, release: () => undefined }),
    close: () => {
      agent.destroy();
    },
  };
}

/** One agent for as long as the files stay as they are. */
interface AgentGeneration {
  readonly agent: https.Agent;
  readonly fileVersions: string;
  leases: number;
}

function createTlsAgents(tls: TlsConfig): TlsAgents {
  let current: AgentGeneration | null = null;

  /** Destroying an agent cuts its calls off, so a superseded one goes with its last lease. */
  const retireIfIdle = (generation: AgentGeneration): void => {
    if (generation !== current && generation.leases === 0) generation.agent.destroy();
  };
  const upToDate = async (): Promise<AgentGeneration> => {
    const fileVersions = await fileVersionsOf(tls);
    if (current?.fileVersions === fileVersions) return current;
    const agent = await createTlsAgent(tls);
    const superseded = current;
    current = { agent, fileVersions, leases: 0 };
    if (superseded !== null) retireIfIdle(superseded);
    return current;
  };
  return {
    lease: async () => {
      const generation = await upToDate();
      generation.leases += 1;
      const release = (): void => {
        generation.leases -= 1;
        retireIfIdle(generation);
      };
      return { agent: generation.agent, release };
    },
    close: () => {
      current?.agent.destroy();
    },
  };
}

async function createTlsAgent(tls: TlsConfig): Promise<https.Agent> {
  try {
    const [ca, cert, key] = await Promise.all([contentOf(tls.caFile), contentOf(tls.certFile), contentOf(tls.keyFile)]);
    // createSecureContext takes a file without a certificate for an authority that trusts nobody, and says nothing.
    if (ca !== undefined) new X509Certificate(ca);
    return new https.Agent({
      keepAlive: true,
      // Parsed here rather than at each connection, so that a bad file is told from a bad network.
      secureContext: createSecureContext({
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      }),
      rejectUnauthorized: !tls.insecureSkipVerify,
      ...(tls.serverName === null ? {} : { servername: tls.serverName }),
    });
  } catch (error) {
    throw tlsFilesFault(tls, error);
  }
}

async function contentOf(path: string | null): Promise<Buffer | undefined> {
  if (path === null) return undefined;
  return await readRegularFile(path, MAX_SECRET_BYTES).catch((error: unknown) => {
    throw new Error(`${path} ${describeError(error)}`);
  });
}

/** Changes whenever a file is written or replaced, also behind a symbolic link. */
async function fileVersionsOf(tls: TlsConfig): Promise<string> {
  try {
    const stats = await Promise.all(tlsFilesOf(tls).map((path) => stat(path)));
    return stats.map(({ mtimeMs, ctimeMs, size, ino }) => [mtimeMs, ctimeMs, size, ino].join('/')).join(' ');
  } catch (error) {
    throw tlsFilesFault(tls, error);
  }
}

function tlsFilesOf(tls: TlsConfig): string[] {
  return [tls.caFile, tls.certFile, tls.keyFile].filter((path) => path !== null);
}

function tlsFilesFault(tls: TlsConfig, error: unknown): DhalionError {
  const files = tlsFilesOf(tls).join(', ');
  return new DhalionError('secret_unreadable', `TLS files ${files} cannot be used: ${describeError(error)}`);
}
