// What Flink's REST API says of the running job.

interface Job {
  readonly vertices: readonly { readonly name: string; readonly parallelism: number; readonly status: string }[];
}

/** Of the running vertices of the only running job, by name; null: it does not run now. */
export async function parallelismsOf(restUrl: string): Promise<ReadonlyMap<string, number> | null> {
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`${restUrl}${path}`, { signal: AbortSignal.timeout(30_000) })).json();
  const { jobs } = (await get('/jobs')) as {
    readonly jobs: readonly { readonly id: string; readonly status: string }[];
  };
  const running = jobs.find(({ status }) => status === 'RUNNING');
  if (running === undefined) return null;
  const { vertices } = (await get(`/jobs/${running.id}`)) as Job;
  const runningNow = vertices.filter(({ status }) => status === 'RUNNING');
  return new Map(runningNow.map(({ name, parallelism }) => [name, parallelism]));
}
