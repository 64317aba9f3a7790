// Open status pages as the service sees them: an event stream each, and the list of topologies asked for again when something
// has changed, not more often than a page does.
import { setMaxListeners } from 'node:events';
import { Agent, get, type ClientRequest } from 'node:http';
import { systemClock } from '../../src/clock.js';

export interface OpenPages {
  /** Pages whose stream is open now. */
  open(): number;
  /** Reported changes, over all pages. */
  events(): number;
  /** Lists received. */
  lists(): number;
  /** Errors of a page; the first of each kind. */
  faults(): readonly string[];
  stop(): Promise<void>;
}

/** Of a page that receives changes continuously. */
const PAUSE_MS = 2000;

export function openPages(url: string, count: number): OpenPages {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const stopping = new AbortController();
  // Each page waits for it.
  setMaxListeners(0, stopping.signal);
  const streams: ClientRequest[] = [];
  const faults = new Set<string>();
  let open = 0;
  let events = 0;
  let lists = 0;
  const note = (fault: string): void => {
    if (!stopping.signal.aborted) faults.add(fault);
  };
  const fetchList = (): Promise<void> =>
    new Promise((resolve) => {
      const headers = { 'accept-encoding': 'gzip' };
      const request = get(`${url}/api/v1/topologies`, { agent, headers }, (response) => {
        if (response.statusCode === 200) lists += 1;
        else note(`a list was answered ${response.statusCode ?? 0}`);
        response.resume().on('end', resolve);
      });
      request.on('error', (error) => {
        note(`a list: ${error.message}`);
        resolve();
      });
    });
  const page = async (): Promise<void> => {
    let isStale = true;
    // No agent: a stream keeps its connection.
    const stream = get(`${url}/api/v1/events`, { agent: false }, (response) => {
      if (response.statusCode !== 200) {
        note(`a stream was answered ${response.statusCode ?? 0}`);
        response.resume();
        return;
      }
      open += 1;
      response.setEncoding('utf8').on('data', (text: string) => {
        const told = text.split('event: change').length - 1;
        events += told;
        isStale ||= told > 0;
      });
      response.on('close', () => {
        open -= 1;
        note('a stream was ended');
      });
      // Of the response itself, where this side ends it.
      response.on('error', () => undefined);
    });
    stream.on('error', (error) => {
      note(`a stream: ${error.message}`);
    });
    streams.push(stream);
    while (!stopping.signal.aborted) {
      if (isStale) {
        isStale = false;
        await fetchList();
      }
      await systemClock.sleep(PAUSE_MS, stopping.signal);
    }
  };
  const pages = Array.from({ length: count }, page);
  return {
    open: () => open,
    events: () => events,
    lists: () => lists,
    faults: () => [...faults],
    stop: async () => {
      stopping.abort();
      for (const stream of streams) stream.destroy();
      await Promise.all(pages);
      agent.destroy();
    },
  };
}
