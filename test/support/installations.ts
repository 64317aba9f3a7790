// An installation of `dhalion manifests` as it might be asked for.
import type { Installation } from '../../src/commands/manifests/installation.js';

export function sampleInstallation(changes: Partial<Installation> = {}): Installation {
  return {
    name: 'dhalion',
    namespace: 'streams',
    labels: {},
    image: 'registry.example/dhalion:0.1.0',
    replicas: 1,
    configuration: 'prometheus: {}\n',
    evaluationIntervalMs: 300_000,
    permissions: ['looks at every Flink job; calls nobody'],
    runbookBase: '',
    grafanaBase: '',
    usesRecordedSeries: false,
    files: [],
    storage: { kind: 'volume', size: '1Gi' },
    web: {
      listenAddress: '0.0.0.0:10017',
      port: 10017,
      configFile: null,
      allowUnauthenticated: true,
      scheme: 'http',
      tokenKey: null,
    },
    access: { hasToken: false, rules: [], namespaces: ['streams'] },
    ...changes,
  };
}
