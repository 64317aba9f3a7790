// Certificates for one test, made by the openssl program.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const KEY_ARGS = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A self-signed authority `<name>.crt` in the folder. */
export function makeAuthority(folder: string, name: string): Promise<CertificateFiles> {
  return makeCertificate(folder, name, []);
}

/** A certificate signed by the authority, valid for `subjectAltName` (as openssl writes it: `IP:127.0.0.1`, `DNS:a.test`). */
export function makeSignedCertificate(
  folder: string,
  name: string,
  authority: CertificateFiles,
  subjectAltName: string,
): Promise<CertificateFiles> {
  const signed = [
    '-CA',
    authority.certFile,
    '-CAkey',
    authority.keyFile,
    '-addext',
    `subjectAltName=${subjectAltName}`,
  ];
  return makeCertificate(folder, name, signed);
}

async function makeCertificate(folder: string, name: string, args: readonly string[]): Promise<CertificateFiles> {
  const files = { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) };
  const output = ['-keyout', files.keyFile, '-out', files.certFile, '-subj', `/CN=${name}`, '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', ...KEY_ARGS, ...output, ...args]);
  return files;
}

/** As options of a server. */
export function certificateOptions(files: CertificateFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
}
