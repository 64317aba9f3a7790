// How an outside HTTP service is authenticated to and verified, with the names of Prometheus' own http_config.
// Secrets are files, read again on every use.

export interface HttpConfig {
  readonly basicAuth: { readonly username: string; readonly passwordFile: string } | null;
  readonly authorization: { readonly type: string; readonly credentialsFile: string } | null;
  readonly tls: {
    readonly caFile: string | null;
    readonly certFile: string | null;
    readonly keyFile: string | null;
    readonly serverName: string | null;
    readonly insecureSkipVerify: boolean;
  } | null;
  readonly httpHeaders: Readonly<Record<string, string>>;
}

export const PLAIN_HTTP: HttpConfig = { basicAuth: null, authorization: null, tls: null, httpHeaders: {} };
