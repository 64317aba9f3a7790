// Builds a client's settings from an `http_config` without faults.
import type { HttpConfig } from '../outbound/http-config.js';
import { httpConfigSchema, type HttpConfigEntry } from '../grammar/http-config-schema.js';

export function buildHttpConfig(entry: HttpConfigEntry): HttpConfig {
  const { basic_auth: basicAuth, authorization, tls_config: tls } = entry;
  const defaults = httpConfigSchema.properties;
  return {
    basicAuth: basicAuth === undefined ? null : { username: basicAuth.username, passwordFile: basicAuth.password_file },
    authorization:
      authorization === undefined
        ? null
        : {
            type: authorization.type ?? defaults.authorization.properties.type.default,
            credentialsFile: authorization.credentials_file,
          },
    tls:
      tls === undefined
        ? null
        : {
            caFile: tls.ca_file ?? null,
            certFile: tls.cert_file ?? null,
            keyFile: tls.key_file ?? null,
            serverName: tls.server_name ?? null,
            insecureSkipVerify: tls.insecure_skip_verify ?? defaults.tls_config.properties.insecure_skip_verify.default,
          },
    httpHeaders: Object.fromEntries(
      Object.entries(entry.http_headers ?? {}).map(([name, header]) => [
        name,
        typeof header === 'string' ? header : header.values.join(','),
      ]),
    ),
  };
}
