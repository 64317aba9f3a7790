// Renders the configuration's reference as Markdown tables from the schema; they become README.md beside this file.
import { describeAllowed } from './allowed-values.js';
import { configSchema, limitsSchema, prometheusSchema, storageSchema } from './config-schema.js';
import { engineSchema } from './engine-schema.js';
import { excludedPeriodSchema, excludedTimeSchema } from './excluded-period-schema.js';
import { httpConfigSchema } from '../grammar/http-config-schema.js';
import { policySchema } from './policy-schema.js';
import type { PropertySchema } from '../grammar/schema-types.js';
import { operatorSchema, topologySchema } from './topology-schema.js';
import { webhookSchema } from './webhook-schema.js';

/** Parts with a table of their own: the key that leads there, the title, and the schema. */
const SECTIONS: Readonly<Record<string, { title: string; schema: PropertySchema }>> = {
  prometheus: { title: 'prometheus', schema: prometheusSchema },
  storage: { title: 'storage', schema: storageSchema },
  limits: { title: 'limits', schema: limitsSchema },
  topologies: { title: 'topologies[]', schema: topologySchema },
  operators: { title: 'topologies[].operators[]', schema: operatorSchema },
  policy: { title: 'policy', schema: policySchema },
  excluded_periods: { title: 'policy.excluded_periods[]', schema: excludedPeriodSchema },
  times: { title: 'policy.excluded_periods[].times[]', schema: excludedTimeSchema },
  webhooks: { title: 'webhooks.NAME', schema: webhookSchema },
  http_config: { title: 'http_config', schema: httpConfigSchema },
  engines: { title: 'engines.NAME', schema: engineSchema },
};

/** Headings of the third level; ends with a line end. */
export function renderReferenceTables(): string {
  const tables = [
    renderReferenceTable('Top level', configSchema),
    ...Object.values(SECTIONS).map(({ title, schema }) => renderReferenceTable(`\`${title}\``, schema)),
  ];
  return tables.join('\n');
}

/** One table under a heading of the third level; of any schema made of the keywords of schema-types.ts. */
export function renderReferenceTable(title: string, schema: PropertySchema): string {
  const rows = rowsOf('', schema).map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`);
  const head = ['| key | type | default | meaning |', '|---|---|---|---|'];
  return [`### ${title}`, '', schema.description ?? '', '', ...head, ...rows, ''].join('\n');
}

function rowsOf(prefix: string, schema: PropertySchema): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const section = SECTIONS[key];
    const type = section === undefined ? typeOf(property) : `${typeOf(property)}: table \`${section.title}\``;
    const isRequired = schema.required?.includes(key) === true;
    const row = [`\`${prefix}${key}\``, type, defaultOf(property, isRequired), property.description ?? ''];
    return section === undefined ? [row, ...rowsOf(`${prefix}${key}.`, property)] : [row];
  });
}

function typeOf(property: PropertySchema): string {
  return describeAllowed(property).replace(/^(?:an?|the) /, '');
}

function defaultOf({ default: value, defaultText }: PropertySchema, isRequired: boolean): string {
  if (isRequired) return '*required*';
  if (defaultText !== undefined) return defaultText;
  if (value === undefined || value === null) return 'none';
  return `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
