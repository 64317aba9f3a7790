// A simulated topology that runs in real time behind HTTP on loopback: scraped like an engine, scaled by the webhook, and
// disturbed on demand. It has no authentication: it is for demos and tests.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import type { Clock } from '../clock.js';
import { DhalionError, describeError } from '../errors.js';
import type { Exposition } from './exposition.js';
import { createFlinkExposition, type FlinkExpositionOptions } from './flink-exposition.js';
import { createFluidTopology, type FluidTopology } from './fluid-topology.js';
import { createHeronExposition, type HeronExpositionOptions } from './heron-exposition.js';
import {
  createScalingWebhookReceiver,
  failure,
  success,
  type Answer,
  type ReceivedCall,
  type ScalingWebhookReceiver,
} from './scaling-webhook-receiver.js';
import {
  parseHotKeyRequest,
  parseJsonObject,
  parseLoadRequest,
  parseSlowRequest,
  type Parsed,
} from './simulator-request.js';
import { FLINK_PHYSICS, HERON_PHYSICS, type TopologySpec } from './topology-spec.js';
import type { TopologyState } from './topology-state.js';

/** A machine that slept must not make the simulation catch up on hours at once. */
const LONGEST_CATCH_UP_SECONDS = 60;
const LARGEST_BODY = '1mb';

export interface SimulatorOptions {
  readonly spec: TopologySpec;
  /** Metric names, and the physics if the spec does not set them. */
  readonly flavour: 'flink' | 'heron';
  readonly seed: number;
  readonly clock: Clock;
  /** Real ms between steps. Default 100. */
  readonly stepMs?: number;
  /** Simulated seconds in one real second. Default 1. */
  readonly timeScale?: number;
  /** Default: any free one. */
  readonly port?: number;
  readonly flink?: Partial<FlinkExpositionOptions>;
  readonly heron?: Partial<HeronExpositionOptions>;
}

export interface Simulator {
  /** Without a trailing slash. */
  readonly url: string;
  /** For disturbances from within the process. */
  readonly topology: FluidTopology;
  state(): TopologyState;
  /** Calls to POST /scale, oldest first. */
  calls(): readonly ReceivedCall[];
  /** Lets simulated time pass at once, in addition to the clock. */
  advance(seconds: number): void;
  stop(): Promise<void>;
}

/** Rejects with `listen_failed` if the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { flavour, clock, stepMs = 100, timeScale = 1 } = options;
  const physics = options.spec.physics ?? (flavour === 'heron' ? HERON_PHYSICS : FLINK_PHYSICS);
  const topology = createFluidTopology({ ...options.spec, physics }, options.seed);
  const exposition =
    flavour === 'heron' ? createHeronExposition(options.heron) : createFlinkExposition(options.flink, options.seed);
  exposition.observe(topology.state());

  const advance = (seconds: number): void => {
    const longest = (stepMs / 1000) * timeScale;
    for (let left = seconds; left > 1e-9; left -= longest) {
      topology.step(Math.min(left, longest));
      exposition.observe(topology.state());
    }
  };

  const receiver = createScalingWebhookReceiver(topology, exposition, clock);
  const server = await listen(simulatorApp(topology, exposition, receiver, clock), options.port ?? 0);
  const stopping = new AbortController();
  const loop = passTime(clock, stepMs, stopping.signal, (elapsedMs) => {
    advance(Math.min((elapsedMs / 1000) * timeScale, LONGEST_CATCH_UP_SECONDS));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    topology,
    state: () => topology.state(),
    calls: () => receiver.calls(),
    advance,
    stop: async () => {
      stopping.abort();
      await loop;
      await close(server);
    },
  };
}

async function passTime(
  clock: Clock,
  stepMs: number,
  signal: AbortSignal,
  onElapsed: (elapsedMs: number) => void,
): Promise<void> {
  let before = clock.elapsed();
  while (!signal.aborted) {
    await clock.sleep(stepMs, signal);
    const now = clock.elapsed();
    onElapsed(Math.max(0, now - before));
    before = now;
  }
}

function simulatorApp(
  topology: FluidTopology,
  exposition: Exposition,
  receiver: ScalingWebhookReceiver,
  clock: Clock,
): Express {
  const app = express();
  app.disable('x-powered-by');
  // Answers must not be cached, because the state changes between two requests.
  app.disable('etag');
  app.use(express.text({ type: ['application/json', 'application/*+json'], limit: LARGEST_BODY }));
  app.get('/metrics', (_request, response) => {
    response.set('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(exposition.render(clock.now()));
  });
  app.get('/state', (_request, response) => {
    send(response, success(200, topology.state()));
  });
  app.post('/scale', (request, response) => {
    send(response, receiver.receive(request.headers, request.body));
    exposition.observe(topology.state());
  });
  app.post('/load', (request, response) => {
    const load = parseBody(request.body, parseLoadRequest);
    const operator = load.ok ? load.value.operator : null;
    send(
      response,
      control(topology, operator, load, ({ offeredRate }) => {
        topology.setOfferedRate(offeredRate, operator ?? undefined);
      }),
    );
  });
  app.post('/slow', (request, response) => {
    const slow = parseBody(request.body, parseSlowRequest);
    send(
      response,
      control(topology, slow.ok ? slow.value.operator : null, slow, (wanted) => {
        topology.setSlowInstance(wanted.operator, wanted.slow);
      }),
    );
  });
  app.post('/hot-key', (request, response) => {
    const hotKey = parseBody(request.body, parseHotKeyRequest);
    send(
      response,
      control(topology, hotKey.ok ? hotKey.value.operator : null, hotKey, (wanted) => {
        topology.setHotKey(wanted.operator, wanted.hotKey);
      }),
    );
  });
  app.use((request, response) => {
    send(response, failure(404, `not found: ${request.method} ${request.path}`));
  });
  app.use(answerFault);
  return app;
}

/** The caller's faults: a body too large, a path that cannot be decoded, an operator that is not a source. */
const answerFault: ErrorRequestHandler = (fault: { status?: unknown }, _request, response, next) => {
  if (response.headersSent) {
    next(fault);
    return;
  }
  const status = typeof fault.status === 'number' ? fault.status : fault instanceof DhalionError ? 400 : 500;
  send(response, failure(status, describeError(fault)));
};

function parseBody<T>(text: unknown, parse: (body: Readonly<Record<string, unknown>>) => Parsed<T>): Parsed<T> {
  const body = parseJsonObject(text);
  return body.ok ? parse(body.value) : body;
}

function control<T>(
  topology: FluidTopology,
  operator: string | null,
  wanted: Parsed<T>,
  act: (value: T) => void,
): Answer {
  if (!wanted.ok) return failure(400, wanted.fault);
  if (operator !== null && !topology.hasOperator(operator)) return failure(404, `no operator ${operator}`);
  act(wanted.value);
  return success(200, null);
}

function send(response: Response, answer: Answer): void {
  response.status(answer.status).json(answer.body);
}

function listen(app: Express, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(app);
    server.once('error', (cause) => {
      reject(new DhalionError('listen_failed', `the simulator cannot listen on 127.0.0.1:${port}`, { cause }));
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
