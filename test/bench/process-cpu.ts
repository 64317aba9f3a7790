// CPU time of another process, as the kernel counts it.
import { readFile } from 'node:fs/promises';

/** Ticks a second in /proc, which is the same on every architecture of Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Of `utime`, counted from the state, which is the first field after the name in parentheses; `stime` follows. */
const USER_FIELD = 11;

/** User and system time since its start, ms; in steps of 10 ms. */
export async function processCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[USER_FIELD]) + Number(fields[USER_FIELD + 1]);
  if (!Number.isFinite(ticks)) throw new Error(`/proc/${pid}/stat tells no CPU time`);
  return (ticks * 1000) / TICKS_PER_SECOND;
}
