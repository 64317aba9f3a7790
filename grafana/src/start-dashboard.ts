// What the two dashboards have in common: read-only, linked to each other and to the runbook, of the last hours.
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { externalLink } from './panels.js';
import { RUNBOOK } from './variables.js';

export interface DashboardText {
  readonly title: string;
  readonly uid: string;
  readonly description: string;
  /** Heading of the runbook. */
  readonly runbook: string;
}

const TAG = 'dhalion';

export function startDashboard({ title, uid, description, runbook }: DashboardText): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .link(
      new DashboardLinkBuilder('Other dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .keepTime(true)
        .includeVars(true),
    )
    .link(externalLink('Runbook', `${RUNBOOK}#${runbook}`));
}
