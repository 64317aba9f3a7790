// Dhalion / service, the rows of its state: storage, configuration, process.
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { SERVICE_METRICS as SERVICE } from '../../src/metrics/metric-catalogue.js';
import { stateTimeline, timeSeries, type Target } from './panels.js';
import { maxBy, PROCESS_METRICS as PROCESS, rateBy, select } from './queries.js';

export function addState(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Storage and configuration: can it remember, and did it understand?'))
    .withPanel(
      stateTimeline(
        {
          title: 'Storage',
          description:
            'Whether the action log could be read and written when last tried. While it cannot, alerts are refused and nothing acts.',
          span: 8,
          runbook: 'dhalionstoragedown',
        },
        { yes: 'works', no: 'fails', colour: 'inverse' },
        [{ expr: `min by (instance) (${select(SERVICE.storageUp)})`, legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      stateTimeline(
        {
          title: 'Last reload of the configuration',
          description:
            'Whether the last attempt to load the configuration succeeded. A refused one leaves the old one in force.',
          span: 8,
          runbook: 'dhalionconfigreloadfailed',
        },
        { yes: 'succeeded', no: 'refused', colour: 'inverse' },
        [{ expr: `min by (instance) (${select(SERVICE.configLastReloadSuccessful)})`, legend: '{{instance}}' }],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Age of the configuration',
          description:
            'Time since the configuration in force was loaded. Replicas that differ may have different ones.',
          span: 8,
        },
        's',
        [
          {
            expr: `time() - ${maxBy(['instance'], SERVICE.configLastReloadSuccessTimestamp)}`,
            legend: '{{instance}}',
          },
        ],
      ),
    );
}

export function addProcess(dashboard: DashboardBuilder): void {
  const byInstance = (metric: { readonly name: string }): Target => ({
    expr: maxBy(['instance'], metric),
    legend: '{{instance}}',
  });
  dashboard
    .withRow(new RowBuilder('Process: what does it cost?'))
    .withPanel(
      timeSeries({ title: 'CPU', description: 'Share of one core, user and system.', span: 6 }, 'percentunit', [
        { expr: rateBy(['instance'], PROCESS.cpuSeconds), legend: '{{instance}}' },
      ]),
    )
    .withPanel(
      timeSeries(
        { title: 'Memory', description: 'Resident memory, and of it the JavaScript heap in use.', span: 6 },
        'bytes',
        [
          { ...byInstance(PROCESS.residentMemory), legend: '{{instance}} resident' },
          { ...byInstance(PROCESS.heapUsed), legend: '{{instance}} heap' },
        ],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Event loop lag',
          description:
            'How late the event loop runs, 99 of 100. Much above a tenth of a second, alerts and scrapes wait.',
          span: 6,
        },
        's',
        [byInstance(PROCESS.eventLoopLag)],
      ),
    )
    .withPanel(
      timeSeries(
        { title: 'Open files', description: 'File descriptors in use, connections included.', span: 6 },
        'short',
        [byInstance(PROCESS.openFileDescriptors)],
      ),
    )
    .withPanel(
      timeSeries(
        {
          title: 'Log lines lost',
          description:
            'Log lines per minute that could not be written: a full disk, or a reader that has gone or does not read.',
          span: 24,
        },
        'cpm',
        [{ expr: `60 * ${rateBy(['instance'], SERVICE.logLinesLost)}`, legend: '{{instance}}' }],
      ),
    );
}
