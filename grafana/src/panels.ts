// The kinds of panels that the dashboards are made of: what all of a kind have in common, and nothing of their content.
import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATASOURCE, RUNBOOK } from './variables.js';

export interface Target {
  readonly expr: string;
  /** With labels in double braces. */
  readonly legend?: string;
}

export interface PanelText {
  readonly title: string;
  readonly description: string;
  /** Columns of the 24. */
  readonly span: number;
  /** Default 8, where a row of the grid has 30 pixels. */
  readonly height?: number;
  /** Heading of the runbook. */
  readonly runbook?: string;
}

/** The same in every state timeline: what is not known is neither the colour of yes nor that of no, nor nothing at all. */
const YES = { red: 'semi-dark-red', blue: 'semi-dark-blue' } as const;
const NO = 'super-light-green';
const UNKNOWN = 'semi-dark-purple';

export function timeSeries(
  text: PanelText,
  unit: string,
  targets: readonly Target[],
  options: { readonly max?: number; readonly interval?: string } = {},
): TimeSeriesBuilder {
  const panel = new TimeSeriesBuilder()
    .unit(unit)
    .min(0)
    .fillOpacity(5)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .legend(legendBelow())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  if (options.max !== undefined) panel.max(options.max);
  if (options.interval !== undefined) panel.interval(options.interval);
  return finish(panel, text, targets.map(rangeQuery));
}

/** Rows of coloured stretches of time: -1 is unknown, 0 no, 1 yes; where there is nothing, Dhalion or the operator was not there. */
export function stateTimeline(
  text: PanelText,
  words: { readonly yes: string; readonly no: string; readonly colour?: keyof typeof YES | 'inverse' },
  targets: readonly Target[],
): StateTimelineBuilder {
  const { yes, no, colour = 'red' } = words;
  const mapping: ValueMapping = {
    type: MappingType.ValueToText,
    options: {
      '-1': { text: 'unknown', color: UNKNOWN, index: 2 },
      '0': { text: no, color: colour === 'inverse' ? YES.red : NO, index: 1 },
      '1': { text: yes, color: colour === 'inverse' ? NO : YES[colour], index: 0 },
    },
  };
  const panel = new StateTimelineBuilder()
    .mappings([mapping])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: 'transparent' }]),
    )
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .spanNulls(false)
    .rowHeight(0.85)
    .fillOpacity(80)
    .lineWidth(0)
    .legend(legendBelow());
  return finish(panel, text, targets.map(rangeQuery));
}

/** What is now, a row for each set of labels; a column for each target. */
export function table(
  text: PanelText,
  unit: string,
  targets: readonly Target[],
  options: {
    readonly columns: Readonly<Record<string, string>>;
    readonly hidden?: readonly string[];
    readonly none: string;
  },
): TableBuilder {
  const hidden = Object.fromEntries(['Time', ...(options.hidden ?? [])].map((name) => [name, true]));
  const panel = new TableBuilder()
    .unit(unit)
    .noValue(options.none)
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: { excludeByName: hidden, renameByName: options.columns },
    });
  const queries = targets.map(({ expr }, index) => tableQuery(expr, index));
  return finish(panel, text, queries);
}

interface Finishable<Panel> {
  datasource(datasource: typeof DATASOURCE): Panel;
  title(title: string): Panel;
  description(description: string): Panel;
  height(height: number): Panel;
  span(span: number): Panel;
  targets(targets: DataqueryBuilder[]): Panel;
  links(links: DashboardLinkBuilder[]): Panel;
}

function finish<Panel extends Finishable<Panel>>(
  panel: Panel,
  { title, description, span, height = 8, runbook }: PanelText,
  targets: DataqueryBuilder[],
): Panel {
  panel.datasource(DATASOURCE).title(title).description(description).height(height).span(span).targets(targets);
  if (runbook !== undefined) panel.links([externalLink('Runbook', `${RUNBOOK}#${runbook}`)]);
  return panel;
}

function legendBelow(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
}

export function externalLink(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).icon('doc').url(url).targetBlank(true);
}

function rangeQuery({ expr, legend = '' }: Target, index: number): DataqueryBuilder {
  return queryOf(expr, index).range().legendFormat(legend);
}

function tableQuery(expr: string, index: number): DataqueryBuilder {
  return queryOf(expr, index).instant().format(PromQueryFormat.Table);
}

/** The targets of a panel are A, B, C, … */
function queryOf(expr: string, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(DATASOURCE)
    .expr(expr)
    .refId(String.fromCharCode(65 + index));
}
