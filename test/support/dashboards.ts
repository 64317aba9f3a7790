// The shipped Grafana dashboards, parsed as Grafana does, and their expressions as it sends them to Prometheus.
import { readdir, readFile } from 'node:fs/promises';

const FOLDER = new URL('../../grafana/dashboards/', import.meta.url);

export interface DashboardDocument {
  readonly id: number | null;
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly TemplateVariable[] };
  readonly annotations: { readonly list: readonly Annotation[] };
  readonly links: readonly Link[];
  readonly panels: readonly Panel[];
}

export interface TemplateVariable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string;
  readonly datasource?: Datasource;
  readonly refresh?: number;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
}

export interface Annotation {
  readonly name: string;
  readonly datasource: Datasource;
  readonly expr: string;
  readonly step: string;
  readonly useValueForTime: boolean;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Datasource;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly links?: readonly Link[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string; readonly mappings?: readonly ValueMapping[] } };
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource?: Datasource;
}

export interface ValueMapping {
  readonly type: string;
  readonly options: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
}

interface Datasource {
  readonly type: string;
  readonly uid: string;
}

interface Link {
  readonly title: string;
  readonly type: string;
  readonly url?: string;
}

export async function readDashboards(): Promise<readonly DashboardDocument[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as never));
}

/** Without the rows. */
export function panelsOf({ panels }: DashboardDocument): readonly Panel[] {
  return panels.filter(({ type }) => type !== 'row');
}

export interface Chosen {
  readonly topology: string;
  /** Seconds. */
  readonly rateInterval: number;
}

/** The expression with all variables set to everything, except one topology. */
export function interpolate(expr: string, { topology, rateInterval }: Chosen): string {
  const sent = expr
    .replaceAll(/\$(job|instance|operator)\b/g, '.+')
    .replaceAll(/\$topology\b/g, topology)
    .replaceAll('$__rate_interval', `${rateInterval}s`);
  if (sent.includes('$')) throw new Error(`a variable that nobody fills in: ${sent}`);
  return sent;
}
