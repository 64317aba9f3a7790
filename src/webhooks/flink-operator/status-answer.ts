// PURE: the meaning of an error answer of the Kubernetes API server. Its error answers are objects of kind Status. Reason and message
// distinguish causes with the same status: a Role without a verb and a refusal by an admission webhook are both 403.
import { excerptOf } from '../../outbound/answer-excerpt.js';
import { isObject, parseObject } from '../../outbound/json-object.js';
import { describeAnswer } from '../attempt-results.js';
import { describePlace, FLINK_API_GROUP, type ResourcePlace } from './resource-place.js';

export interface AskedFor {
  readonly verb: 'get' | 'patch';
  readonly place: ResourcePlace;
}

/** Enough for account, resource and namespace of a refused right. */
const MAX_MESSAGE_LENGTH = 400;

/** The failure, in words; the status decides about a repetition. */
export function describeStatusAnswer(
  { status, body }: { readonly status: number; readonly body: string },
  { verb, place }: AskedFor,
): string {
  const said = parseStatus(body);
  if (said === null) return describeOther(status, body, place);
  const message = excerptOf(said.message, MAX_MESSAGE_LENGTH);
  const answered = `Kubernetes answered ${status}${message === '' ? '' : `: ${message}`}`;
  const meaning = meaningOf({ status, said, verb, place });
  return meaning === null ? answered : `${meaning} (${answered})`;
}

function meaningOf({ status, said, verb, place }: AskedFor & { status: number; said: StatusObject }): string | null {
  switch (status) {
    case 401:
      return 'the API server does not accept the token: is it of a service account of this cluster (http_config.authorization.credentials_file)?';
    case 403:
      if (said.isByAdmission) return `an admission webhook refused the change of ${describePlace(place)}`;
      return said.isByRole
        ? `the Role lacks the verb ${verb} on ${place.resource} of ${FLINK_API_GROUP} in namespace ${place.namespace}`
        : null;
    case 404:
      return said.isAboutObject ? `${describePlace(place)} does not exist` : describeNoKind(place);
    case 409:
      return `${describePlace(place)} was changed meanwhile`;
    case 422:
      return `the API server rejected ${describePlace(place)} as invalid`;
    default:
      return null;
  }
}

function describeNoKind({ resource }: ResourcePlace): string {
  return `no ${resource} of ${FLINK_API_GROUP}/v1beta1: is the Flink Kubernetes Operator installed, and url the Kubernetes API server's?`;
}

/** An API server without this kind answers 404 without an object. */
function describeOther(status: number, body: string, place: ResourcePlace): string {
  const answered = describeAnswer({ status, body }, "is url the Kubernetes API server's?");
  return status === 404 ? `${describeNoKind(place)} (${answered})` : answered;
}

interface StatusObject {
  readonly message: string;
  readonly isByAdmission: boolean;
  readonly isByRole: boolean;
  /** Whether the object is missing; else its kind is. */
  readonly isAboutObject: boolean;
}

/** null: not an answer of an API server. */
function parseStatus(body: string): StatusObject | null {
  const parsed = parseObject(body);
  if (parsed?.['kind'] !== 'Status') return null;
  const message = typeof parsed['message'] === 'string' ? parsed['message'] : '';
  const details = isObject(parsed['details']) ? parsed['details'] : {};
  return {
    message,
    isByAdmission: /^admission webhook "[^"]*" denied the request/.test(message),
    isByRole: /is forbidden: User .* cannot \w+ resource/.test(message),
    isAboutObject: typeof details['name'] === 'string',
  };
}
