import t from 'tap';
import { DEFAULT_VERSION } from './flink-version.js';
import { parseRigCommandLine } from './rig-options.js';

void t.test('where nothing is said, it is Flink 1.20 with a checkpoint a minute', (t) => {
  const { rig, flags, words } = parseRigCommandLine([], []);
  t.same(rig, { flink: DEFAULT_VERSION, checkpointMs: 60_000 });
  t.same([...flags], []);
  t.same(words, []);
  t.end();
});

void t.test("the rig's flags may stand anywhere; the command's own are left to it", (t) => {
  const argv = ['too_small', '--flink=2.3.0', '--record=a=b', '--checkpoints=1m30s', 'hot_key'];
  const { rig, flags, words } = parseRigCommandLine(argv, ['record']);
  t.same(rig, { flink: { text: '2.3.0', major: 2 }, checkpointMs: 90_000 });
  t.same([...flags], [['record', 'a=b']]);
  t.same(words, ['too_small', 'hot_key']);
  t.end();
});

const REFUSED: Readonly<Record<string, string>> = {
  '--flink': '--flink: the flags are --flink=…, --checkpoints=…, --record=…',
  '--flnik=2.3.0': '--flnik=2.3.0: the flags are --flink=…, --checkpoints=…, --record=…',
  '-f': '-f: the flags are --flink=…, --checkpoints=…, --record=…',
  '--flink=2.3': '--flink=2.3: a version of Flink has three numbers, such as 2.3.0',
  '--checkpoints=60': '--checkpoints=60: the time between two checkpoints is a duration, such as 60s',
  '--checkpoints=0': '--checkpoints=0: the time between two checkpoints is a duration, such as 60s',
  '--checkpoints=': '--checkpoints=: the time between two checkpoints is a duration, such as 60s',
};

for (const [word, message] of Object.entries(REFUSED)) {
  void t.test(`a flag that says nothing is named as it was written: ${word}`, (t) => {
    t.throws(() => parseRigCommandLine([word], ['record']), { message });
    t.end();
  });
}

void t.test('of two values for one flag, neither is taken', (t) => {
  t.throws(() => parseRigCommandLine(['--flink=2.3.0', '--flink=1.20.3'], []), {
    message: '--flink=1.20.3: --flink is given twice',
  });
  t.end();
});
