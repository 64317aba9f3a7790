// What the engine `flink` takes for pending packets: the queue length, corrected by idle time.
import t from 'tap';
import {
  clientWithHistory,
  engineOf,
  flinkSubtask,
  healthySubtask,
  listed,
  measured,
  near,
  senseAt,
} from '../support/sensing.js';
import { operatorIn, type FlinkSubtask } from '../support/sensing.js';

type Readings = Pick<FlinkSubtask, 'queue' | 'idle'>;

/** By task: what its one subtask reports, and what is taken for its pending packets. */
const TASKS: Readonly<Record<string, { readonly reports: Readings; readonly pending: number }>> = {
  // Four channels within the TaskManager count a buffer each that is being filled.
  idle: { reports: { queue: 4, idle: 900 }, pending: 0 },
  'idle at times': { reports: { queue: 20, idle: 200 }, pending: 1.5 },
  'idle at times, with an empty queue': { reports: { queue: 0, idle: 200 }, pending: 0 },
  'never idle': { reports: { queue: 812.5, idle: 0 }, pending: 812.5 },
  'hardly ever idle': { reports: { queue: 20, idle: 10 }, pending: 20 },
  'of unknown idle time': { reports: { queue: 7 }, pending: 7 },
  'of idle time that is no number': { reports: { queue: 7, idle: NaN }, pending: 7 },
  // Its queue may have been as long as it says at least then, when it was not idle.
  'idle at first, then never': {
    reports: { queue: 21, idle: (before) => (before > 60 ? 900 : 0) },
    pending: 21,
  },
};

/** As where the queues' series are dropped for their number. */
const UNQUEUED = flinkSubtask({
  ...{ job: 'wordcount', task: 'of unknown queue', subtask: 0, backPressured: 0 },
  ...{ recordsIn: 100, busy: 100, idle: 900 },
});

void t.test('pending packets of Flink', async (t) => {
  const client = await clientWithHistory(
    t,
    [
      ...Object.entries(TASKS).map(([task, { reports }]) => {
        const { queue = 0, ...rest } = reports;
        return healthySubtask({ job: 'wordcount', task, subtask: 0, queue, ...rest });
      }),
      UNQUEUED,
    ].flat(),
  );
  const sensing = await senseAt(client, { engine: engineOf('flink'), listed: [listed('wordcount')] });
  t.strictSame(sensing.failures, []);
  for (const [task, { pending }] of Object.entries(TASKS)) {
    near(t, measured(operatorIn(sensing, 'wordcount', task).pendingPackets).mean, pending);
  }
  const { pendingPackets } = operatorIn(sensing, 'wordcount', 'of unknown queue');
  t.equal(pendingPackets.kind, 'missing', 'what idle time allows is no queue');
});
