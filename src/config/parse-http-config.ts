// A file that is one `http_config` and nothing else, as promtool takes it with --http.config.file. Reads no file itself.
import type { HttpConfig } from '../outbound/http-config.js';
import { buildHttpConfig } from './build-http-config.js';
import { showFaults, type Faults } from '../grammar/config-fault.js';
import { rootPart } from '../grammar/document-part.js';
import { findHttpConfigFaults } from '../grammar/http-config-checks.js';
import { httpConfigSchema } from '../grammar/http-config-schema.js';
import { createSchemaCheck } from './schema-findings.js';
import { parseYaml } from './yaml-source.js';

const findSchemaFaults = createSchemaCheck(httpConfigSchema);

/**
 * There is at least one fault where there is no configuration; an empty file configures nothing.
 * @param fileExists whether a secret or certificate file can be read
 */
export function parseHttpConfig(
  text: string,
  fileExists: (path: string) => boolean,
): { readonly http: HttpConfig } | Faults {
  const yaml = parseYaml(text);
  if (!('value' in yaml)) return showFaults(yaml.faults);
  const document = yaml.value ?? {};
  const root = rootPart(document);
  const findings = [...findSchemaFaults(document), ...findHttpConfigFaults({ fileExists }, root)];
  const faults = [...yaml.faults, ...findings.map((finding) => yaml.locate(finding))];
  return faults.length > 0 ? showFaults(faults) : { http: buildHttpConfig(document) };
}
