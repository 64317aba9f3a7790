// Parses a file that is one `http_config`, as promtool's --http.config.file takes it. Reads no file itself.
import type { HttpConfig } from '../outbound/http-config.js';
import { buildHttpConfig } from './build-http-config.js';
import { showFaults, type Faults } from '../grammar/config-fault.js';
import { rootPart } from '../grammar/document-part.js';
import { findHttpConfigFaults } from '../grammar/http-config-checks.js';
import { httpConfigSchema } from '../grammar/http-config-schema.js';
import { createSchemaCheck } from './schema-faults.js';
import { parseYaml } from './yaml-source.js';

const findSchemaFaults = createSchemaCheck(httpConfigSchema);

/**
 * Without a configuration there is at least one fault; an empty file configures nothing.
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
  const unlocated = [...findSchemaFaults(document), ...findHttpConfigFaults({ fileExists }, root)];
  const faults = [...yaml.faults, ...unlocated.map((fault) => yaml.locate(fault))];
  return faults.length > 0 ? showFaults(faults) : { http: buildHttpConfig(document) };
}
