// Checks `excluded_periods` of every policy beyond the schema: existing days and months, ranges in order, known time zones.
import type { CheckContext } from './check-context.js';
import type { UnlocatedFault } from '../grammar/config-fault.js';
import { entriesOf, isMap, itemsOf, partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import {
  isMisread,
  readDaysOfMonth,
  readMonths,
  readTimes,
  readWeekdays,
  readYears,
  type RangeReader,
} from './excluded-period-ranges.js';
import { timeZoneProblem } from './time-zone.js';

const RANGE_READERS: Readonly<Record<string, RangeReader>> = {
  weekdays: readWeekdays,
  days_of_month: readDaysOfMonth,
  months: readMonths,
  years: readYears,
};

const FIELDS = ['times', ...Object.keys(RANGE_READERS)];

export function findExcludedPeriodFaults({ root }: CheckContext): UnlocatedFault[] {
  const owners = [
    root,
    ...entriesOf(partAt(root, 'engines')).map(([, engine]) => engine),
    ...itemsOf(partAt(root, 'topologies')),
  ];
  const periods = owners.flatMap((owner) => itemsOf(partAt(owner, 'policy', 'excluded_periods')));
  return periods.flatMap((period) => [
    ...withoutFields(period),
    ...itemsOf(partAt(period, 'times')).flatMap(timeFaults),
    ...Object.entries(RANGE_READERS).flatMap(([field, read]) =>
      itemsOf(partAt(period, field)).flatMap((range) => rangeFaults(range, read)),
    ),
    ...locationFaults(partAt(period, 'location')),
  ]);
}

/** Alertmanager takes an empty period for all of time; here it is more likely a mistake. */
function withoutFields(period: DocumentPart): UnlocatedFault[] {
  // An unknown key was probably meant as one of these.
  if (!isMap(period.value) || Object.keys(period.value).some((key) => key !== 'location')) return [];
  const message = `needs at least one of ${FIELDS.join(', ')}; to hold every alert, set mode to observe`;
  return [{ path: period.path, message }];
}

function timeFaults(time: DocumentPart): UnlocatedFault[] {
  const [start, end] = [partAt(time, 'start_time'), partAt(time, 'end_time')];
  const times = readTimes(textOf(start) ?? '', textOf(end) ?? '');
  return times === null || !isMisread(times) ? [] : [{ path: end.path, ...times }];
}

function rangeFaults({ path, value }: DocumentPart, read: RangeReader): UnlocatedFault[] {
  if (typeof value !== 'string' && !Number.isInteger(value)) return [];
  const range = read(value as string | number);
  return isMisread(range) ? [{ path, ...range }] : [];
}

function locationFaults({ path, value }: DocumentPart): UnlocatedFault[] {
  const problem = typeof value === 'string' ? timeZoneProblem(value) : null;
  return problem === null ? [] : [{ path, ...problem }];
}
