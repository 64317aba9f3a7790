// The receiving end of the scaling webhook: desired state, once per idempotency key, not after it has expired. A small model
// of a deployment's own scaler; every call is kept for tests.
import type { Clock } from '../clock.js';
import type { Exposition } from './exposition.js';
import type { FluidTopology } from './fluid-topology.js';
import { parseJsonObject, parseScaleRequest, type ScaleRequest } from './simulator-request.js';

const MOST_KEPT = 1000;

export interface ReceivedCall {
  readonly receivedAtMs: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes as received, for signatures. */
  readonly rawBody: string;
  readonly answer: Answer;
  /** True if it repeated an earlier key: it got the same answer and was not executed again. */
  readonly isReplay: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ScalingWebhookReceiver {
  receive(headers: ReceivedCall['headers'], rawBody: unknown): Answer;
  /** Oldest first, at most the last 1000. */
  calls(): readonly ReceivedCall[];
}

export function createScalingWebhookReceiver(
  topology: FluidTopology,
  exposition: Pick<Exposition, 'instanceIndex'>,
  clock: Pick<Clock, 'now'>,
): ScalingWebhookReceiver {
  let calls: readonly ReceivedCall[] = [];
  const answered = new Map<string, { readonly rawBody: unknown; readonly answer: Answer }>();

  const carryOut = (request: ScaleRequest): Answer => {
    if (request.topology !== topology.name) return failure(404, `no topology ${request.topology}`);
    const unknown = request.operators.find(({ operator }) => !topology.hasOperator(operator));
    if (unknown !== undefined) return failure(404, `no operator ${unknown.operator}`);
    if (request.expiresAtMs !== null && request.expiresAtMs <= clock.now()) return failure(412, 'the call has expired');
    const given = act(topology, exposition, request);
    const operators = request.operators.map(({ operator }, index) => ({ operator, parallelism: given[index] }));
    return success(202, operators.length === 1 ? { parallelism: given[0] } : { operators });
  };

  const answerTo = (rawBody: unknown): Answer => {
    const body = parseJsonObject(rawBody);
    if (!body.ok) return failure(400, body.fault);
    const request = parseScaleRequest(body.value);
    return request.ok ? carryOut(request.value) : failure(400, request.fault);
  };

  return {
    calls: () => calls,
    receive: (headers, rawBody) => {
      const key = idempotencyKey(headers);
      const earlier = key === null ? undefined : answered.get(key);
      // The same key must mean the same call; otherwise the caller is at fault.
      const isOther = earlier !== undefined && earlier.rawBody !== rawBody;
      const answer = isOther
        ? failure(422, 'this idempotency-key was used for another body')
        : (earlier?.answer ?? answerTo(rawBody));
      if (key !== null && earlier === undefined && answer.status === 202) {
        answered.set(key, { rawBody, answer });
        const oldest = answered.keys().next();
        if (answered.size > MOST_KEPT && oldest.done !== true) answered.delete(oldest.value);
      }
      const text = typeof rawBody === 'string' ? rawBody : '';
      const isReplay = earlier !== undefined && !isOther;
      calls = [...calls, { receivedAtMs: clock.now(), headers, rawBody: text, answer, isReplay }].slice(-MOST_KEPT);
      return answer;
    },
  };
}

/** Applies the desired parallelisms, of all operators at once. @returns their parallelism afterwards, in their order */
function act(
  topology: FluidTopology,
  exposition: Pick<Exposition, 'instanceIndex'>,
  { resolver, operators }: ScaleRequest,
): readonly number[] {
  if (resolver !== 'restart_instances' && resolver !== 'rebalance') {
    return topology.rescaleTogether(
      operators.map(({ operator, desiredParallelism: parallelism }) => ({ operator, parallelism })),
    );
  }
  for (const { operator, operatorInstances } of operators) {
    if (resolver === 'rebalance') topology.rebalance(operator);
    else {
      const indices = operatorInstances.map((name) => exposition.instanceIndex(operator, name) ?? -1);
      topology.restartInstances(operator, indices);
    }
  }
  const { operators: state } = topology.state();
  return operators.map(
    ({ operator, desiredParallelism }) =>
      state.find(({ name }) => name === operator)?.parallelism ?? desiredParallelism,
  );
}

function idempotencyKey(headers: ReceivedCall['headers']): string | null {
  const value = headers['idempotency-key'];
  // A structured header's string is quoted.
  return typeof value === 'string' ? value.replace(/^"(.*)"$/, '$1') : null;
}

export function success(status: number, data: unknown): Answer {
  return { status, body: { status: 'success', data } };
}

export function failure(status: number, error: string): Answer {
  return { status, body: { status: 'error', errorType: status === 404 ? 'not_found' : 'bad_data', error } };
}
