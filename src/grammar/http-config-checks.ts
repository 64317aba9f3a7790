// Checks of every `http_config` and of URLs that the schema cannot express: no credentials in URLs, mutually exclusive
// authentication, readable files.
import type { UnlocatedFault } from './config-fault.js';
import { entriesOf, isGiven, partAt, textOf, type DocumentPart } from './document-part.js';

export interface FileAccess {
  /** True if a secret or certificate file can be read. */
  fileExists(path: string): boolean;
  /** Message for a file that cannot be read; default: it must be a regular file that can be read. */
  readonly unusableFile?: string;
}

const FILES_FOR_CREDENTIALS = 'must not hold credentials; use http_config.basic_auth with a password_file';

/** Faults of a URL that paths are appended to; `ending`: the message for a URL with a query or a fragment. */
export function findBaseUrlFaults(
  part: DocumentPart,
  ending: string,
  secret = FILES_FOR_CREDENTIALS,
): UnlocatedFault[] {
  const written = textOf(part);
  if (written === null) return [];
  const { path } = part;
  if (!/^https?:\/\//i.test(written) || !URL.canParse(written)) {
    return [{ path, message: 'must be an http:// or https:// URL with a valid host and port' }];
  }
  const url = new URL(written);
  if (url.username !== '' || url.password !== '') {
    return [{ path, message: secret }];
  }
  // An appended path would become part of even an empty query or fragment.
  if (/[?#]/.test(written)) {
    return [{ path, message: ending }];
  }
  return [];
}

/** Faults of one `http_config`. */
export function findHttpConfigFaults(context: FileAccess, http: DocumentPart): UnlocatedFault[] {
  const authorization = partAt(http, 'authorization');
  const tls = partAt(http, 'tls_config');
  const [certificate, key] = [partAt(tls, 'cert_file'), partAt(tls, 'key_file')];
  const headers = partAt(http, 'http_headers');
  const faults: UnlocatedFault[] = [];
  if (isGiven(authorization) && isGiven(partAt(http, 'basic_auth'))) {
    faults.push({ path: authorization.path, message: 'excludes basic_auth: give one of them', isAboutKey: true });
  }
  if (isGiven(certificate) !== isGiven(key)) {
    faults.push({ path: tls.path, message: `lacks ${isGiven(key) ? 'cert_file' : 'key_file'}: they go together` });
  }
  const files = [partAt(http, 'basic_auth', 'password_file'), partAt(authorization, 'credentials_file')];
  return [
    ...faults,
    ...secretHeaders(headers),
    ...unreadableFiles(context, [...files, partAt(tls, 'ca_file'), certificate, key]),
  ];
}

/** Headers with credentials, which the configuration must not contain. */
export function secretHeaders(headers: DocumentPart): UnlocatedFault[] {
  return entriesOf(headers)
    .filter(([name]) => ['authorization', 'proxy-authorization', 'cookie'].includes(name.toLowerCase()))
    .map(([, { path }]) => ({
      path,
      message: 'must not hold credentials; use http_config.authorization or http_config.basic_auth',
      isAboutKey: true,
    }));
}

export function unreadableFiles(context: FileAccess, files: readonly DocumentPart[]): UnlocatedFault[] {
  return files.flatMap((file) => {
    const name = textOf(file);
    return name === null || context.fileExists(name)
      ? []
      : [
          {
            path: file.path,
            message: context.unusableFile ?? `must be a regular file that can be read${hintFor(name)}`,
          },
        ];
  });
}

/** Kubernetes' folder of a pod's token and the cluster's CA certificate. */
const POD_SECRETS = '/var/run/secrets/kubernetes.io/';

function hintFor(file: string): string {
  return file.startsWith(POD_SECRETS)
    ? ', as it is in a pod (dhalion manifests checks this configuration elsewhere)'
    : '';
}
