// The control loop's own parts closed over a simulated topology, in simulated time: hours of operation in seconds.
// Prometheus, Alertmanager and the webhook's connection are replaced; watch, decider, runner, settler, policy and action log
// are real.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionLog } from '../../src/action-log/action-log.js';
import type { IncomingAlert } from '../../src/action-log/log-entries.js';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { presentTimeLog } from '../../src/action-log/present-time-log.js';
import type { Clock } from '../../src/clock.js';
import { ruleTimes } from '../../src/commands/rules/rule-times.js';
import type { Configuration } from '../../src/config/configuration.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { ActionRunner } from '../../src/control-loop/action-runner.js';
import { ActionSettler } from '../../src/control-loop/action-settler.js';
import { AlertDecider } from '../../src/control-loop/alert-decider.js';
import { createHoldUps } from '../../src/control-loop/hold-ups.js';
import { createLease } from '../../src/control-loop/lease.js';
import { LogReader } from '../../src/control-loop/log-reader.js';
import { recallHorizon } from '../../src/control-loop/recall-horizon.js';
import { TopologyWatch, type TopologyWatchParts } from '../../src/control-loop/topology-watch.js';
import { DhalionError } from '../../src/errors.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import type { Action } from '../../src/model/action.js';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import { changesParallelism, RESOLVERS, type ResolverName } from '../../src/model/resolver.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { createFluidTopology, type FluidTopology } from '../../src/simulator/fluid-topology.js';
import { inputsOf, isSource, type TopologySpec } from '../../src/simulator/topology-spec.js';
import { Timeline } from '../../src/timeline.js';
import type { SendResult, WebhookSender } from '../../src/webhooks/webhook-sender.js';
import { createSimulatedAlerts } from './simulated-alerts.js';
import { createSimulatedSensors } from './simulated-sensors.js';

export interface ClosedLoopOptions {
  readonly spec: TopologySpec;
  readonly engine: 'flink' | 'heron';
  /** Whether Heron has sensors for busy and for its sources' backlog, which the built-in engine lacks. */
  readonly hasMoreSensors?: boolean;
  /** Span over which the engine averages its metrics, sampled once a step; default 0: the present values, every 5 s. */
  readonly meterSeconds?: number;
  /** Default 1 min and 2 min, the fast profile of src/config/README.md. */
  readonly evaluationIntervalSeconds?: number;
  readonly windowSeconds?: number;
  readonly seed?: number;
  /** For operators without a bound of their own; default 200. */
  readonly maxParallelism?: number;
  /** `policy` of the configuration file. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Resolvers with a webhook; default all. */
  readonly resolvers?: readonly ResolverName[];
  /** Distortion by the sensors: noise, gaps. */
  readonly distort?: (measurement: TopologyMeasurement) => TopologyMeasurement;
  /** Duration of a look after its measurements, s; the topology does not change meanwhile. Default: none. */
  readonly lookSeconds?: (atMs: number) => number;
  /** By how much the wall clock has been set once this time has passed, s; negative: back. Default: never set. */
  readonly clockSetSeconds?: (elapsedSeconds: number) => number;
  /** Result of a call; `carryOut` does what it asks for. Default: carries it out. */
  readonly answer?: (action: Action, carryOut: () => void) => SendResult;
  /** Called with the name of each method of the action log that the loop calls. */
  readonly onLogCall?: (method: string) => void;
  /** Called after each step with the topology and the open actions. */
  readonly onStep?: (topology: FluidTopology, openActions: readonly Action[]) => void;
}

export interface ClosedLoop {
  readonly topology: FluidTopology;
  readonly configuration: Configuration;
  nowMs(): number;
  /** Lets time pass: whole steps of STEP_SECONDS. */
  run(seconds: number): Promise<void>;
  /** The newest evaluation; null: there was none. */
  evaluation(): TopologyEvaluation | null;
  /** Oldest first. */
  actions(): Promise<readonly Action[]>;
  close(): Promise<void>;
}

/** Between two settling looks. */
export const STEP_SECONDS = 15;
/** When in a minute the alerts arrive: after scrape, rule evaluation and group_wait. */
const ALERTS_AT_SECONDS = 45;
/** An arbitrary start of simulated time. */
export const START_MS = 1_750_000_000_000;
/** No loop outlives its process: its log need not reach a disk. */
const MEMORY_FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Turns of the event loop that a call may take until its fate is in the log. */
const MOST_TURNS = 1000;

/** Shared by all loops: it watches the process. */
const METRICS = createServiceMetrics({ version: '0', revision: '0', nodeVersion: process.version });
const ignore = (): void => undefined;
const LOGGER = { debug: ignore, info: ignore, warn: ignore, error: ignore };

export async function createClosedLoop(options: ClosedLoopOptions): Promise<ClosedLoop> {
  const { spec, engine, seed = 1, answer = carryOutAndSucceed } = options;
  const configuration = configurationOf(options);
  const topology = createFluidTopology(spec, seed);
  const windowSeconds = configuration.windowMs / 1000;
  const sensors = createSimulatedSensors(topology, engine, {
    windowSeconds,
    ...(options.meterSeconds === undefined ? {} : { meterSeconds: options.meterSeconds, stepSeconds: STEP_SECONDS }),
    ...(options.hasMoreSensors === true ? { hasBusy: true, hasBacklog: true } : {}),
  });
  let spentOnLooksMs = 0;
  const elapsed = (): number => Math.round(topology.state().timeSeconds * 1000) + spentOnLooksMs;
  const clock = new Timeline({
    now: () => START_MS + elapsed() + (options.clockSetSeconds?.(topology.state().timeSeconds) ?? 0) * 1000,
    elapsed,
    sleep: () => Promise.resolve(),
  });
  const folder = await mkdtemp(join(MEMORY_FOLDER, 'dhalion-loop-'));
  const log = watchedLog(presentTimeLog(await createActionLog({ path: folder, clock }), clock), options.onLogCall);
  const signal = new AbortController().signal;
  const loop = createLoop(log, {
    configuration,
    clock,
    // Heron's series do not show restarts.
    attempt: () => (options.engine === 'flink' ? String(topology.state().restarts) : null),
    measure: () => {
      const measurement = (options.distort ?? same)(sensors.measure());
      spentOnLooksMs += (options.lookSeconds?.(clock.now()) ?? 0) * 1000;
      return measurement;
    },
    send: (action) =>
      answer(action, () => {
        carryOut(topology, action);
      }),
  });
  const alerts = createSimulatedAlerts(ruleTimes(configuration.evaluationIntervalMs, null));

  const sendAlerts = async (): Promise<void> => {
    const firing = alerts.evaluate(loop.watch.find(spec.name)?.evaluation ?? null, START_MS + elapsed());
    const incoming = firing.map(({ operator, diagnosis }): IncomingAlert => {
      return { status: 'firing', topology: spec.name, operator, diagnosis, fingerprint: null, startsAt: null };
    });
    await log.acceptAlerts(incoming, clock.now());
    await loop.decider.decideAll(signal);
    await finishCalls(log, loop.runner);
  };

  const settle = async (): Promise<void> => {
    await finishCalls(log, loop.runner);
    if (await loop.settler.settle(await log.openActions(), signal)) await loop.settler.revertHarm(signal);
  };

  const step = async (): Promise<void> => {
    sensors.pass(STEP_SECONDS);
    const seconds = Math.round(topology.state().timeSeconds);
    const open = await log.openActions();
    options.onStep?.(topology, open);
    if (open.length > 0) await settle();
    if ((seconds - STEP_SECONDS) % (configuration.evaluationIntervalMs / 1000) === 0) {
      await loop.watch.lookAtAll(await loop.recall(), signal);
      await loop.settler.revertHarm(signal);
    }
    if (seconds % 60 === ALERTS_AT_SECONDS) await sendAlerts();
  };

  return {
    topology,
    configuration,
    nowMs: () => clock.now(),
    run: async (seconds) => {
      for (let left = seconds; left > 0; left -= STEP_SECONDS) await step();
    },
    evaluation: () => loop.watch.find(spec.name)?.evaluation ?? null,
    actions: async () => (await log.actions({})).reverse(),
    close: async () => {
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
}

interface LoopParts {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly measure: () => TopologyMeasurement;
  /** The attempt of all instances; null: the engine does not report attempts. */
  readonly attempt: () => string | null;
  readonly send: (action: Action) => SendResult;
}

function createLoop(log: ActionLog, { configuration, clock, measure, attempt, send }: LoopParts) {
  const { webhooks, limits, windowMs } = configuration;
  const parts = { log, metrics: METRICS, clock, logger: LOGGER, webhooks, windowMs };
  const reader = new LogReader(log, LOGGER);
  const recall = () => reader.recall(recallHorizon(configuration, clock.now()));
  const instances = new InstanceMemories(log, LOGGER);
  const client = { query: () => Promise.reject(new DhalionError('prometheus_unreachable', 'there is none')) };
  const sense = sensingOf(configuration, measure, attempt);
  const watch = new TopologyWatch({ ...parts, configuration, client, instances, sense });
  const lease = createLease(log, clock, 'closed-loop');
  const senseLabels = () => Promise.resolve(new Map<string, Record<string, string>>());
  const sender: WebhookSender = {
    send: async (action, { beforeAttempt }) => ((await beforeAttempt()) ? send(action) : { result: 'aborted' }),
  };
  return {
    watch,
    recall,
    decider: new AlertDecider({ ...parts, watch, recall, senseLabels, limits }),
    runner: new ActionRunner({ ...parts, isEnforced: () => true, lease, senders: new Map([['scaler', sender]]) }),
    settler: new ActionSettler({
      ...parts,
      lease,
      watch,
      recall,
      senseLabels,
      holdUps: createHoldUps(webhooks, new Map()),
    }),
  };
}

/** The listed topology as measured, with the bounds and inputs of its configured operators. */
function sensingOf(
  { topologies: [listed] }: Configuration,
  measure: LoopParts['measure'],
  attempt: LoopParts['attempt'],
) {
  const specs = new Map(listed?.operators?.map(({ spec }) => [spec.name, spec]));
  const sense: NonNullable<TopologyWatchParts['sense']> = ({ atMs }) => {
    const measured = measure();
    const operators = measured.operators.map((operator) => {
      return { ...operator, spec: specs.get(operator.spec.name) ?? operator.spec };
    });
    const measurement = { ...measured, operators, atMs };
    const operatorLabelValues = new Map(operators.map(({ spec: { name } }) => [name, name]));
    const topologies =
      listed === undefined
        ? []
        : [
            {
              measurement,
              configuredBy: listed,
              labelValue: listed.labelValue,
              operatorLabelValues,
              attempts: attemptsOf(operators, attempt()),
              told: new Map<string, never>(),
            },
          ];
    return Promise.resolve({ topologies, failures: [], requests: 1 });
  };
  return sense;
}

function attemptsOf(
  operators: TopologyMeasurement['operators'],
  attempt: string | null,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  if (attempt === null) return new Map();
  return new Map(
    operators.map(({ spec, parallelism }) => {
      const instances = Array.from({ length: parallelism ?? 0 }, (_, index) => [String(index), attempt] as const);
      return [spec.name, new Map(instances)];
    }),
  );
}

function configurationOf(options: ClosedLoopOptions): Configuration {
  const { spec, engine, resolvers = RESOLVERS, maxParallelism = 200 } = options;
  const { evaluationIntervalSeconds = 60, windowSeconds = 120 } = options;
  const file = {
    prometheus: { url: 'http://127.0.0.1:9090' },
    evaluation_interval: `${evaluationIntervalSeconds}s`,
    window: `${windowSeconds}s`,
    webhooks: { scaler: { url: 'http://127.0.0.1:8080/scale' } },
    policy: { max_parallelism: maxParallelism, ...options.policy },
    topologies: [
      {
        name: spec.name,
        engine,
        webhook: Object.fromEntries(resolvers.map((resolver) => [resolver, 'scaler'])),
        operators: spec.operators.map((operator) => ({
          name: operator.name,
          ...(isSource(operator) ? { role: 'source' } : { inputs: inputsOf(operator) }),
        })),
      },
    ],
  };
  const parsed = parseConfiguration(JSON.stringify(file), { builtInEngines: BUILT_IN_ENGINES });
  if ('configuration' in parsed) return parsed.configuration;
  throw new Error(parsed.faults.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}

/** The work of a deployment's own scaler. */
function carryOut(topology: FluidTopology, { resolver, operators }: Action): void {
  for (const { operator, operatorInstances } of operators) {
    if (resolver === 'restart_instances') topology.restartInstances(operator, operatorInstances.map(Number));
    else if (resolver === 'rebalance') topology.rebalance(operator);
  }
  if (!changesParallelism(resolver)) return;
  topology.rescaleTogether(
    operators.map(({ operator, desiredParallelism: parallelism }) => ({ operator, parallelism })),
  );
}

function carryOutAndSucceed(_: Action, carryOut: () => void): SendResult {
  carryOut();
  return { result: 'succeeded' };
}

function watchedLog(log: ActionLog, onCall: ClosedLoopOptions['onLogCall']): ActionLog {
  if (onCall === undefined) return log;
  return new Proxy(log, {
    get: (target, name) => {
      onCall(String(name));
      return Reflect.get(target, name) as unknown;
    },
  });
}

/** Sends the claimed calls and waits until their fate is written. */
async function finishCalls(log: ActionLog, runner: ActionRunner): Promise<void> {
  runner.resume(await log.openActions());
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const claimed = (await log.openActions()).filter(({ state }) => state === 'claimed');
    if (claimed.length === 0) return;
    await new Promise(setImmediate);
  }
  throw new Error('a call never ends');
}

function same(measurement: TopologyMeasurement): TopologyMeasurement {
  return measurement;
}
