import t from 'tap';
import { rescaleTimesOf, rescaleWaitOf } from '../../src/webhooks/rescale-times.js';

const PREFIX = 'jobmanager.adaptive-scheduler.';
const DEFAULTS = { cooldownMs: 30_000, stabilizationMs: 60_000, maxDelayMs: 180_000 };

const TABLE: readonly [
  fact: string,
  options: Readonly<Record<string, string>>,
  intervalMs: number | null,
  expected: Partial<typeof DEFAULTS> | null,
][] = [
  ['without options, three checkpoint intervals', {}, 60_000, {}],
  ['without checkpoints, none', {}, 0, { maxDelayMs: 0 }],
  [
    "Flink's word for no periodic checkpoints is the largest long",
    {},
    JSON.parse('9223372036854775807') as number,
    { maxDelayMs: 0 },
  ],
  ['an unknown interval', {}, null, null],
  ['a configured delay needs no interval', { 'rescale-trigger.max-delay': '10 min' }, null, { maxDelayMs: 600_000 }],
  ['one more than the failures', { 'rescale-trigger.max-checkpoint-failures': '4' }, 60_000, { maxDelayMs: 300_000 }],
  ['failures that are not a number', { 'rescale-trigger.max-checkpoint-failures': 'many' }, 60_000, null],
  ['the cooldown', { 'executing.cooldown-after-rescaling': '5 min' }, 60_000, { cooldownMs: 300_000 }],
  ['the cooldown by its former name', { 'scaling-interval.min': '1 s' }, 60_000, { cooldownMs: 1000 }],
  [
    'the newer name takes precedence',
    { 'scaling-interval.min': '1 s', 'executing.cooldown-after-rescaling': '2 s' },
    60_000,
    { cooldownMs: 2000 },
  ],
  ['stable resources', { 'executing.resource-stabilization-timeout': '0' }, 60_000, { stabilizationMs: 0 }],
  ['an invalid duration', { 'executing.resource-stabilization-timeout': '-1 s' }, 60_000, null],
];

for (const [fact, options, intervalMs, expected] of TABLE) {
  void t.test(`configured: ${fact}`, (t) => {
    const times = rescaleTimesOf(
      (key) => (key.startsWith(PREFIX) ? options[key.slice(PREFIX.length)] : undefined),
      intervalMs,
    );
    t.strictSame(times, expected === null ? null : { ...DEFAULTS, ...expected });
    t.end();
  });
}

void t.test('the longest wait decides, and is named a checkpoint if there are any', (t) => {
  t.strictSame(rescaleWaitOf(DEFAULTS), { longestMs: 180_000, words: 'waiting for a checkpoint' });
  t.strictSame(rescaleWaitOf({ ...DEFAULTS, cooldownMs: 600_000 }).longestMs, 600_000);
  t.strictSame(rescaleWaitOf({ ...DEFAULTS, maxDelayMs: 10_000 }).longestMs, 60_000);
  t.strictSame(rescaleWaitOf({ ...DEFAULTS, maxDelayMs: 0 }), {
    longestMs: 60_000,
    words: 'waiting for Flink to rescale',
  });
  t.end();
});
