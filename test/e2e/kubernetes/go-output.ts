// What Go and its modules say. Pure.

/** Major and minor of `go version go1.26.8 linux/amd64`; null if it says something else. */
export function goVersion(text: string): readonly [number, number] | null {
  const [, major, minor] = /\bgo version (?:go|devel go)(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

/** The modules that Kubernetes' go.mod takes from its own tree. */
export function stagingModules(goMod: string): readonly string[] {
  return [...goMod.matchAll(/^\s*(?:replace\s+)?(k8s\.io\/\S+) => \.\/staging\//gm)].flatMap(([, name]) => name ?? []);
}

/** Of `go mod download -json` of one module that failed: why, where it says so in JSON. */
export function downloadError(stdout: string, output: string): string {
  const [, error] = /"Error": ("(?:[^"\\]|\\.)*")/.exec(stdout) ?? [];
  return error === undefined ? lastError(output) : lastError(JSON.parse(error) as string);
}

/** The last line that says something, without what Go prints while it fetches. */
export function lastError(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('go: downloading ')).at(-1) ?? 'no word of why';
}
