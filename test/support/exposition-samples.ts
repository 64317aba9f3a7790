// Reads Prometheus' text format back, as far as the simulator writes it, for tests about what is exposed.

export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestampMs: number | null;
}

/** Throws on any line that is neither a comment nor a sample. */
export function parseExposition(text: string): ExposedSample[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const match = /^([a-zA-Z_:][\w:]*)\{(.*)\} (\S+)(?: (\d+))?$/.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    const [, name = '', labels = '', value = '', timestamp] = match;
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text] as const);
    return {
      name,
      labels: Object.fromEntries(pairs),
      value: Number(value.replace('Inf', 'Infinity')),
      timestampMs: timestamp === undefined ? null : Number(timestamp),
    };
  });
}

/** The samples of one name whose labels are as given. */
export function samplesOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): ExposedSample[] {
  return parseExposition(text).filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
}
