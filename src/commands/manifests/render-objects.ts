// Renders objects as YAML, preceded by comments about what else the cluster needs. Pure.
import { stringify } from 'yaml';
import type { Installation, KubernetesObject } from './installation.js';
import { AUTHORITY_KEY, serverNameOf } from './monitoring-objects.js';

export function renderObjects(
  objects: readonly KubernetesObject[],
  installation: Installation,
  isMonitored: boolean,
): string {
  const head = describeNeeds(installation, isMonitored).map((line) => `# ${line}`.trimEnd() + '\n');
  return [...head, ...objects.map((object) => `---\n${renderObject(object)}`)].join('');
}

/** Quotes every text that YAML 1.1, which Kubernetes reads, would take for another type. */
function renderObject(object: KubernetesObject): string {
  return stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

function describeNeeds(installation: Installation, isMonitored: boolean): readonly string[] {
  const { name, namespace, permissions, files, web } = installation;
  const keys = files.map(({ key, path, source }) => [key, source ?? path] as const);
  const needsAuthority = isMonitored && web.scheme === 'https';
  if (needsAuthority && !keys.some(([key]) => key === AUTHORITY_KEY)) keys.push([AUTHORITY_KEY, AUTHORITY_KEY]);
  const title = [
    `Dhalion in namespace ${namespace}, as \`dhalion manifests\` printed it. Its configuration allows:`,
    // Names of topologies may contain any character.
    ...permissions.map((sentence) => `  ${sentence.replaceAll(/\s+/g, ' ')}`),
  ];
  if (keys.length === 0) return title;
  const flags = keys.map(([key, path]) => `--from-file=${key}=${quoted(path)}`);
  return [
    ...title,
    'The pod starts once this Secret exists. Create it from your files:',
    ...[`kubectl create secret generic ${name} --namespace=${namespace}`, ...flags].map(
      (line, index, lines) => `${index === 0 ? '  ' : '    '}${line}${index === lines.length - 1 ? '' : ' \\'}`,
    ),
    ...(needsAuthority
      ? [
          `${AUTHORITY_KEY} is the CA of the server's certificate, which must be valid for ${serverNameOf(installation)}:`,
          'Prometheus and Alertmanager verify it.',
        ]
      : []),
  ];
}

/** Quoted for a shell where necessary. */
function quoted(path: string): string {
  return /^[-./\w]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''").replaceAll(/[\r\n]/g, '?')}'`;
}
