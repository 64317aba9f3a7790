// Reads the web configuration's text and the files named in it: a WebConfig, or every fault. live-web-config.ts decides when to read
// it again.
import { createHash, X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { showFaults, type Faults, type UnlocatedFault } from '../grammar/config-fault.js';
import { isGiven, itemsOf, partAt, rootPart, textOf, type DocumentPart } from '../grammar/document-part.js';
import { createSchemaCheck } from '../config/schema-faults.js';
import { parseYaml } from '../config/yaml-source.js';
import { DhalionError } from '../errors.js';
import { CIPHER_SUITES, webConfigSchema, type ClientAuthType, type WebConfigFile } from './web-config-schema.js';

export interface WebConfig {
  /** null: plain HTTP. */
  readonly tls: TlsSettings | null;
  /** bcrypt hash by user name. */
  readonly users: ReadonlyMap<string, string>;
  /** SHA-256 of each token. */
  readonly tokenDigests: readonly Buffer[];
  /** Headers of every answer, by name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TlsSettings {
  readonly clientAuthType: ClientAuthType;
  readonly context: SecureContextOptions;
}

export interface WebConfigSource {
  /** Path of the web configuration: names in it are relative to its folder. */
  readonly file: string;
  /** Throws a `DhalionError` whose message can follow the file's name. */
  readonly readFile: (path: string) => Buffer;
}

export type ParsedWebConfig = { readonly webConfig: WebConfig } | Faults;

/** True if every request requires credentials. */
export function hasCredentials({ tls, users, tokenDigests }: WebConfig): boolean {
  return users.size > 0 || tokenDigests.length > 0 || tls?.clientAuthType === 'RequireAndVerifyClientCert';
}

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

const findSchemaFaults = createSchemaCheck(webConfigSchema);

/** Faults in the order of the file; at least one if there is no web configuration. An empty file is valid. */
export function parseWebConfig(text: string, source: WebConfigSource): ParsedWebConfig {
  const yaml = parseYaml(text);
  if (!('value' in yaml)) return showFaults(yaml.faults);
  const document = yaml.value ?? {};
  const root = rootPart(document);
  const tls = readTls(root, source);
  const tokens = readTokens(root, source);
  const unlocated = [...findSchemaFaults(document), ...clientCaFaults(root), ...tls.faults, ...tokens.faults];
  const faults = [...yaml.faults, ...unlocated.map((fault) => yaml.locate(fault))];
  if (faults.length > 0) return showFaults(faults);
  const file = document as WebConfigFile;
  const headers = Object.entries(file.http_server_config?.headers ?? {}).filter(([, value]) => value !== '');
  return {
    webConfig: {
      tls: tls.value,
      users: new Map(Object.entries(file.basic_auth_users ?? {})),
      tokenDigests: tokens.value,
      headers: Object.fromEntries(headers),
    },
  };
}

interface Read<Value> {
  readonly value: Value;
  readonly faults: readonly UnlocatedFault[];
}

function clientCaFaults(root: DocumentPart): UnlocatedFault[] {
  const tls = partAt(root, 'tls_server_config');
  const [type, authority] = [partAt(tls, 'client_auth_type'), partAt(tls, 'client_ca_file')];
  const isVerified = type.value === 'VerifyClientCertIfGiven' || type.value === 'RequireAndVerifyClientCert';
  if (isVerified && !isGiven(authority)) {
    return [{ path: type.path, message: 'requires client_ca_file: the CA certificates for client certificates' }];
  }
  if (isGiven(authority) && !isVerified) {
    const message = 'is not used unless client_auth_type is VerifyClientCertIfGiven or RequireAndVerifyClientCert';
    return [{ path: authority.path, message, isAboutKey: true }];
  }
  const [oldest, newest] = [partAt(tls, 'min_version'), partAt(tls, 'max_version')];
  if (oldest.value === 'TLS13' && newest.value === 'TLS12') {
    return [{ path: newest.path, message: 'must not be older than min_version' }];
  }
  return [];
}

/** A fault for each unusable file; if each is usable, a fault if they do not match. */
function readTls(root: DocumentPart, source: WebConfigSource): Read<TlsSettings | null> {
  const part = partAt(root, 'tls_server_config');
  const read = (key: string, check: (content: Buffer) => unknown) => readFileAt(partAt(part, key), source, check);
  const cert = read('cert_file', (content) => new X509Certificate(content));
  const key = read('key_file', () => undefined);
  const ca = read('client_ca_file', (content) => new X509Certificate(content));
  const faults = [...cert.faults, ...key.faults, ...ca.faults];
  if (cert.value === null || key.value === null || faults.length > 0) return { value: null, faults };
  const entry = part.value as NonNullable<WebConfigFile['tls_server_config']>;
  const context: SecureContextOptions = {
    cert: cert.value,
    key: key.value,
    ...(ca.value === null ? {} : { ca: ca.value }),
    minVersion: entry.min_version === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: entry.max_version === 'TLS12' ? 'TLSv1.2' : 'TLSv1.3',
    ...ciphersOf(entry.cipher_suites),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    const message = `cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    return { value: null, faults: [{ path: part.path, message, isAboutKey: true }] };
  }
  return { value: { clientAuthType: entry.client_auth_type ?? 'NoClientCert', context }, faults: [] };
}

function ciphersOf(suites: unknown): { readonly ciphers?: string } {
  // It may have the wrong type; the schema check reports that.
  const names = Array.isArray(suites) ? (suites as unknown[]) : [];
  const known = names.filter((name): name is keyof typeof CIPHER_SUITES => Object.hasOwn(CIPHER_SUITES, String(name)));
  const older = known.flatMap((name) => CIPHER_SUITES[name] ?? []);
  if (older.length === 0) return {};
  const newest = known
    .concat(Object.keys(CIPHER_SUITES) as typeof known)
    .filter((name) => CIPHER_SUITES[name] === null);
  return { ciphers: [...newest, ...older].join(':') };
}

function readTokens(root: DocumentPart, source: WebConfigSource): Read<readonly Buffer[]> {
  const files = itemsOf(partAt(root, 'bearer_token_files')).map((part) => readFileAt(part, source, tokenOf));
  return {
    value: files.flatMap(({ value }) => (value === null ? [] : [digestOf(tokenOf(value))])),
    faults: files.flatMap(({ faults }) => faults),
  };
}

/** Throws if no client could send it. */
function tokenOf(content: Buffer): string {
  const token = content.toString('utf8').replace(/\r?\n$/, '');
  if (token === '') throw new DhalionError('secret_unreadable', 'is empty');
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new DhalionError('secret_unreadable', 'is not a bearer token: must be one line of ASCII without spaces');
  }
  return token;
}

/** null: not given, or faulty. No message contains any of the content. */
function readFileAt(
  part: DocumentPart,
  { file, readFile }: WebConfigSource,
  check: (content: Buffer) => unknown,
): Read<Buffer | null> {
  const name = textOf(part);
  if (name === null) return { value: null, faults: [] };
  try {
    const content = readFile(resolve(dirname(file), name));
    check(content);
    return { value: content, faults: [] };
  } catch (error) {
    const because = error instanceof DhalionError ? error.message : 'has no PEM certificate';
    return { value: null, faults: [{ path: part.path, message: `the file ${because}` }] };
  }
}
