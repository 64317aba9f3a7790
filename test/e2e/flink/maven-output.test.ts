import t from 'tap';
import { classifyMavenFailure, javaMajorVersion } from './maven-output.js';

void t.test('the version of Java is read from what it says, old and new', (t) => {
  t.equal(javaMajorVersion('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment'), 17);
  t.equal(javaMajorVersion('java version "1.8.0_402"'), 8);
  t.equal(javaMajorVersion('openjdk version "21" 2023-09-19'), 21);
  t.equal(javaMajorVersion('sh: java: not found'), null);
  t.end();
});

const OUT_OF_REACH = [
  `[ERROR] Failed to execute goal on project flink-rig: Could not resolve dependencies for project dhalion:flink-rig:jar:1: Could not transfer artifact org.apache.flink:flink-clients:jar:1.20.3 from/to central: Connect to the server timed out -> [Help 1]`,
  `[ERROR] Plugin org.apache.maven.plugins:maven-jar-plugin:3.4.1 or one of its dependencies could not be resolved: Cannot access central in offline mode and the artifact org.apache.maven.plugins:maven-jar-plugin:jar:3.4.1 has not been downloaded from it before. -> [Help 1]`,
  `[ERROR] Plugin org.apache.maven.plugins:maven-jar-plugin:9.9.9 or one of its dependencies could not be resolved: Could not find artifact org.apache.maven.plugins:maven-jar-plugin:jar:9.9.9 in central -> [Help 1]`,
];

/** At the first time of asking, and at the next. */
const NO_SUCH_FLINK = [
  `[ERROR] Failed to execute goal on project flink-rig: Could not resolve dependencies for project dhalion:flink-rig:jar:1: Could not find artifact org.apache.flink:flink-streaming-java:jar:2.99.0 in central -> [Help 1]`,
  `[ERROR] Failed to execute goal on project flink-rig: Could not resolve dependencies for project dhalion:flink-rig:jar:1: The following artifacts could not be resolved: org.apache.flink:flink-streaming-java:jar:2.99.0, org.apache.flink:flink-clients:jar:2.99.0: org.apache.flink:flink-streaming-java:jar:2.99.0 was not found in https://repo.example/maven2 during a previous attempt. -> [Help 1]`,
];

for (const output of OUT_OF_REACH) {
  void t.test(`what cannot be fetched is out of reach: ${output.slice(0, 60)}…`, (t) => {
    const failure = classifyMavenFailure(`[INFO] Scanning\n${output}\n[ERROR] \n[ERROR] To see the full\n`);
    t.same(failure, { kind: 'out_of_reach', because: output.replace('[ERROR] ', '') });
    t.end();
  });
}

for (const [asking, output] of NO_SUCH_FLINK.entries()) {
  void t.test(`a release of Flink that there is not, is told from what is out of reach: ${asking + 1}`, (t) => {
    t.same(classifyMavenFailure(`${output}\n`), { kind: 'no_such_flink', because: output.replace('[ERROR] ', '') });
    t.end();
  });
}

void t.test('a job that does not compile is broken, not out of reach', (t) => {
  const output = `[ERROR] COMPILATION ERROR :
[ERROR] /job/src/main/java/dhalion/rig/Pace.java:[9,5] ';' expected
[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.13.0:compile (default-compile) on project flink-rig: Compilation failure
[ERROR] -> [Help 1]`;
  t.same(classifyMavenFailure(output), { kind: 'broken', because: 'COMPILATION ERROR :' });
  t.end();
});
