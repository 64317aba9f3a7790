// What Flink's REST API says of the running job.

interface Job {
  readonly vertices: readonly { readonly name: string; readonly parallelism: number; readonly status: string }[];
}

/** Of a running vertex of the only running job; null: it does not run now. */
export async function parallelismOf(restUrl: string, vertexName: string): Promise<number | null> {
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`${restUrl}${path}`, { signal: AbortSignal.timeout(30_000) })).json();
  const { jobs } = (await get('/jobs')) as {
    readonly jobs: readonly { readonly id: string; readonly status: string }[];
  };
  const running = jobs.find(({ status }) => status === 'RUNNING');
  if (running === undefined) return null;
  const { vertices } = (await get(`/jobs/${running.id}`)) as Job;
  const vertex = vertices.find(({ name, status }) => name === vertexName && status === 'RUNNING');
  return vertex?.parallelism ?? null;
}
