// What Flink's REST API says of the running job.

interface Job {
  readonly vertices: readonly { readonly name: string; readonly parallelism: number; readonly status: string }[];
}

/** Of the only job's vertices, by name; null: not all of them run now. */
export async function parallelismsOf(restUrl: string): Promise<ReadonlyMap<string, number> | null> {
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`${restUrl}${path}`, { signal: AbortSignal.timeout(30_000) })).json();
  const { jobs } = (await get('/jobs')) as {
    readonly jobs: readonly { readonly id: string; readonly status: string }[];
  };
  const running = jobs.find(({ status }) => status === 'RUNNING');
  if (running === undefined) return null;
  const { vertices } = (await get(`/jobs/${running.id}`)) as Job;
  if (vertices.some(({ status }) => status !== 'RUNNING')) return null;
  return new Map(vertices.map(({ name, parallelism }) => [name, parallelism]));
}
