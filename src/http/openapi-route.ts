// GET /api/v1/openapi.json: the description of this interface, without the envelope, so that tools can read it.
import type { Express } from 'express';
import type { AccessControl } from './authenticate.js';
import { createOpenApiDocument, type SecurityRequirements } from './openapi-document.js';
import { takeOnlyParameters } from './query-parameters.js';
import { allowOnly } from './route-methods.js';
import type { WebConfig } from './web-config.js';

export function addOpenApiRoute(app: Express, version: string, access?: Pick<AccessControl, 'webConfig'>): void {
  const render = (config: WebConfig | null) => ({
    config,
    text: `${JSON.stringify(createOpenApiDocument(version, config === null ? [] : requirementsOf(config)))}\n`,
  });
  let rendered = render(null);
  app
    .route('/api/v1/openapi.json')
    .get(takeOnlyParameters(), (_request, response) => {
      const config = access?.webConfig.current() ?? null;
      if (config !== rendered.config) rendered = render(config);
      response.type('application/json').send(rendered.text);
    })
    .all(allowOnly('GET', 'HEAD'));
}

/** A required client certificate is required in addition to other credentials. */
function requirementsOf({ tls, users, tokenDigests }: WebConfig): SecurityRequirements {
  const schemes = [...(users.size > 0 ? ['basic'] : []), ...(tokenDigests.length > 0 ? ['bearer'] : [])];
  if (tls?.clientAuthType !== 'RequireAndVerifyClientCert') return schemes.map((scheme) => ({ [scheme]: [] }));
  const certificate = { client_certificate: [] };
  return schemes.length === 0 ? [certificate] : schemes.map((scheme) => ({ [scheme]: [], ...certificate }));
}
