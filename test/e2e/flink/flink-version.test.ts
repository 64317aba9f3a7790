import { readFile } from 'node:fs/promises';
import t from 'tap';
import { DEFAULT_VERSION, parseFlinkVersion } from './flink-version.js';

void t.test('1.20 and 2.x are versions that the rig runs', (t) => {
  t.same(parseFlinkVersion('1.20.1'), { text: '1.20.1', major: 1 });
  t.same(parseFlinkVersion('2.3.0'), { text: '2.3.0', major: 2 });
  t.same(parseFlinkVersion('2.10.1'), { text: '2.10.1', major: 2 });
  t.end();
});

const REFUSED: Readonly<Record<string, string>> = {
  '': '--flink=: a version of Flink has three numbers, such as 2.3.0',
  '2.3': '--flink=2.3: a version of Flink has three numbers, such as 2.3.0',
  'v2.3.0': '--flink=v2.3.0: a version of Flink has three numbers, such as 2.3.0',
  '2.3.0 -o': '--flink=2.3.0 -o: a version of Flink has three numbers, such as 2.3.0',
  '1.19.2': '--flink=1.19.2: the rig runs Flink 1.20 and 2.x',
  '0.20.0': '--flink=0.20.0: the rig runs Flink 1.20 and 2.x',
  '3.0.0': '--flink=3.0.0: the rig runs Flink 1.20 and 2.x',
};

for (const [written, message] of Object.entries(REFUSED)) {
  void t.test(`what the rig does not run names the flag: --flink=${written}`, (t) => {
    t.throws(() => parseFlinkVersion(written), { message });
    t.end();
  });
}

void t.test('Maven builds the same version where none is named', async (t) => {
  const pom = await readFile(new URL('job/pom.xml', import.meta.url), 'utf8');
  t.match(pom, `<flink.version>${DEFAULT_VERSION.text}</flink.version>`);
  t.same(parseFlinkVersion(DEFAULT_VERSION.text), DEFAULT_VERSION);
});
