// A Kubernetes API server with its etcd on loopback: real admission, validation and RBAC, but no controllers, no nodes and no DNS.
// It stores applied objects and runs nothing.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onFreePort, startChildProgram, type ChildProgram } from '../../../src/real-parts/child-program.js';
import type { KubernetesServers } from './build-servers.js';
import { createKubernetesClient, type KubernetesClient } from './kubernetes-client.js';

export interface ApiServer {
  /** https://127.0.0.1:<port> */
  readonly url: string;
  readonly pids: readonly number[];
  /** The CA certificate of the server's certificate. */
  readonly caFile: string;
  /** The file with the token of a user who may do everything. */
  readonly adminTokenFile: string;
  /** As that user. */
  readonly admin: KubernetesClient;
  /** With this token. */
  as(token: string): KubernetesClient;
  stop(): Promise<void>;
  /** The same at once, for a process that exits. */
  abandon(): void;
}

const READY_TIMEOUT_MS = 180_000;
/** Polled for readiness before other requests are possible. */
const ANSWER_TIMEOUT_MS = 5000;

/** Rejects with nothing left running. */
export async function startApiServer(servers: KubernetesServers): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-kubernetes-'));
  const programs: ChildProgram[] = [];
  const stopAll = async (): Promise<void> => {
    // The API server before the etcd that it asks.
    for (const program of programs.toReversed()) await program.stop();
    await rm(folder, { recursive: true, force: true });
  };
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopping ??= stopAll());
  const abandon = (): void => {
    for (const program of programs) program.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const etcd = await onFreePort((port) => startEtcd(servers.etcd, folder, port));
    programs.push(etcd.program);
    const keys = await writeKeys(folder);
    const started = await onFreePort((port) =>
      startKubeApiServer(servers.apiServer, { folder, port, etcd: etcd.url, keys }),
    );
    programs.push(started.program);
    const { url } = started;
    const caFile = join(folder, 'certificates', 'apiserver.crt');
    const ca = await readFile(caFile, 'utf8');
    const as = (token: string): KubernetesClient => createKubernetesClient({ url, ca, token });
    const pids = programs.map(({ pid }) => pid);
    return { url, pids, caFile, adminTokenFile: keys.adminTokenFile, admin: as(keys.adminToken), as, stop, abandon };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Started {
  readonly url: string;
  readonly program: ChildProgram;
}

function startEtcd(path: string, folder: string, port: number): Promise<Started> {
  const url = `http://127.0.0.1:${port}`;
  return onFreePort(async (peerPort) => {
    const peer = `http://127.0.0.1:${peerPort}`;
    const program = await startChildProgram({
      name: 'etcd',
      program: path,
      args: [
        ...['--name=dhalion', `--data-dir=${join(folder, 'etcd')}`, '--log-level=warn', '--unsafe-no-fsync'],
        ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
        ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=dhalion=${peer}`],
      ],
      readyUrl: `${url}/health`,
    });
    return { url, program };
  });
}

interface Keys {
  readonly adminToken: string;
  readonly adminTokenFile: string;
  readonly tokensFile: string;
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

/** The key that service accounts' tokens are signed with, and the administrator's own token. */
async function writeKeys(folder: string): Promise<Keys> {
  const keys = join(folder, 'keys');
  await mkdir(keys, { mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const adminToken = randomBytes(24).toString('hex');
  const files = {
    adminTokenFile: join(keys, 'admin-token'),
    tokensFile: join(keys, 'tokens.csv'),
    privateKeyFile: join(keys, 'service-accounts.key'),
    publicKeyFile: join(keys, 'service-accounts.pub'),
  };
  await writeFile(files.adminTokenFile, adminToken);
  await writeFile(files.tokensFile, `${adminToken},admin,admin,"system:masters"\n`);
  await writeFile(files.privateKeyFile, privateKey);
  await writeFile(files.publicKeyFile, publicKey);
  return { adminToken, ...files };
}

interface ApiServerStart {
  readonly folder: string;
  readonly port: number;
  readonly etcd: string;
  readonly keys: Keys;
}

async function startKubeApiServer(path: string, { folder, port, etcd, keys }: ApiServerStart): Promise<Started> {
  const url = `https://127.0.0.1:${port}`;
  const certificates = join(folder, 'certificates');
  const isReady = async (): Promise<boolean> => {
    try {
      const ca = await readFile(join(certificates, 'apiserver.crt'), 'utf8');
      const client = createKubernetesClient({ url, ca, token: keys.adminToken });
      const answer = await client.request('GET', '/readyz', { timeoutMs: ANSWER_TIMEOUT_MS });
      return answer.status === 200;
    } catch {
      return false;
    }
  };
  const program = await startChildProgram({
    name: 'kube-apiserver',
    program: path,
    args: [
      ...[`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${certificates}`],
      ...['--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.0.0.0/24'],
      ...['--authorization-mode=RBAC', `--token-auth-file=${keys.tokensFile}`, '--anonymous-auth=false'],
      '--service-account-issuer=https://kubernetes.default.svc',
      ...[
        `--service-account-signing-key-file=${keys.privateKeyFile}`,
        `--service-account-key-file=${keys.publicKeyFile}`,
      ],
    ],
    readyUrl: `${url}/readyz`,
    isReady,
    readyTimeoutMs: READY_TIMEOUT_MS,
  });
  return { url, program };
}
