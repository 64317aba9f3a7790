// Authentication of the pod: `--web.config.file` and the files that it names go into the Secret unchanged.
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { openWebConfig } from '../../http/live-web-config.js';
import { hasCredentials } from '../../http/web-config.js';
import type { WebConfigFile } from '../../http/web-config-schema.js';
import { MAX_CONFIGURATION_BYTES, readRegularFileSync } from '../../regular-file.js';
import type { Web } from './installation.js';
import { refused, type ManifestsFlags } from './manifests-flags.js';
import { CONFIG_FOLDER, placeBelow, WEB_CONFIG_NAME, type PlacedFile } from './placed-files.js';

interface ReadWeb {
  readonly web: Web;
  readonly files: readonly PlacedFile[];
}

/** Throws `DhalionError` config_invalid, config_unreadable, or manifests_refused for something that cannot work in a pod. */
export function readWeb(options: ManifestsFlags, port: number): ReadWeb {
  const { listenAddress, webConfigFile: file, allowUnauthenticated } = options;
  const open = { listenAddress, port, allowUnauthenticated };
  if (file === null) {
    if (!allowUnauthenticated)
      throw refused('--web.config.file with credentials, or --web.allow-unauthenticated, is required');
    return { web: { ...open, configFile: null, scheme: 'http', tokenKey: null }, files: [] };
  }
  // Checks the file, and the files that it names.
  const { initial } = openWebConfig(file, { info: ignore, warn: ignore, error: ignore });
  if (!hasCredentials(initial) && !allowUnauthenticated) {
    throw refused(`${file}: requires no credentials: add some, or use --web.allow-unauthenticated`);
  }
  const asked = initial.tls?.clientAuthType ?? 'NoClientCert';
  if (asked === 'RequireAnyClientCert' || asked === 'RequireAndVerifyClientCert') {
    throw refused(
      `${file}: tls_server_config.client_auth_type: ${asked} refuses Kubernetes probes, which have no certificate: use VerifyClientCertIfGiven and bearer_token_files`,
    );
  }
  // An empty file is valid.
  const text = readRegularFileSync(file, MAX_CONFIGURATION_BYTES).toString('utf8');
  const written = (parse(text) as WebConfigFile | null) ?? {};
  const [firstToken = null, ...otherTokens] = (written.bearer_token_files ?? []).map((path) => placed(path, file));
  if (firstToken === null && hasCredentials(initial) && options.prometheusOperator) {
    throw refused(
      `${file}: bearer_token_files is required: Prometheus and Alertmanager need credentials to send, and the file has only password hashes`,
    );
  }
  const { cert_file: cert, key_file: key, client_ca_file: ca } = written.tls_server_config ?? {};
  const tls = [cert, key, ca].flatMap((path) => (path === undefined ? [] : [placed(path, file)]));
  return {
    web: {
      ...open,
      configFile: `${CONFIG_FOLDER}/${WEB_CONFIG_NAME}`,
      scheme: initial.tls === null ? 'http' : 'https',
      tokenKey: firstToken?.key ?? null,
    },
    files: [
      { path: WEB_CONFIG_NAME, key: WEB_CONFIG_NAME, source: file },
      ...(firstToken === null ? [] : [firstToken]),
      ...otherTokens,
      ...tls,
    ],
  };
}

/** A path in the file is relative to its folder, here as in the pod. */
function placed(path: string, file: string): PlacedFile {
  const place = path.startsWith('/') ? null : placeBelow(path);
  if (place !== null) return { ...place, source: join(dirname(file), path) };
  throw refused(
    `${file}: ${path} must be a relative path in the same folder or below (letters, digits, -, _ and . only)`,
  );
}

function ignore(): void {
  // The service reports its faults when it runs.
}
