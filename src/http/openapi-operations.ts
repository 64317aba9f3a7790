// Every path of the HTTP interface with all that it can answer, for the OpenAPI document. Told once, here; a test asks
// each of a running service, and compares this table with the routes that are registered.
import { EXPOSITION_CONTENT_TYPE } from '../metrics/exposition-text.js';
import { CHANGES } from '../model/change.js';
import { HISTORY_RANGES } from '../model/operator-history.js';
import {
  acceptedSchema,
  actionSchema,
  blacklistEntrySchema,
  forgottenInstancesSchema,
  loggedDecisionSchema,
  pauseSchema,
} from './api-schemas.js';
import { alertNotificationSchema } from './alertmanager-webhook.js';
import type { ErrorStatus } from './envelope.js';
import { successSchema } from './envelope-schemas.js';
import { topologyHistorySchema } from './history-api-schema.js';
import { pauseRequestSchema } from './pause-request.js';
import { DEFAULT_LIMIT, MAX_LIMIT, UNIX_SECONDS_PATTERN } from './query-parameters.js';
import { topologySchema } from './topology-api-schema.js';

export type Method = 'get' | 'post' | 'put' | 'delete';

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** `false`: asked by probes, never for credentials. */
  readonly isGuarded?: boolean;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  /** By status: what it answers when all is well, or in words of its own. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** The errors in the envelope, beyond those that every operation can give. */
  readonly errors?: readonly ErrorStatus[];
}

export interface Answer {
  readonly description: string;
  /** Schema by content type; none: no body. */
  readonly content?: Readonly<Record<string, object>>;
  /** What can be asked with a value of the answer, by name. */
  readonly links?: Readonly<Record<string, object>>;
}

const PLAIN = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const STRING = { type: 'string' };

export const OPERATIONS: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>> = {
  '/': {
    get: {
      operationId: 'getStatusPage',
      summary: 'The status page, for people.',
      answers: {
        200: { description: 'The page.', content: { [HTML]: STRING } },
        401: { description: 'Credentials are needed; a browser is told how.', content: { [HTML]: STRING } },
      },
    },
  },
  '/assets/{digest}/{file}': {
    get: {
      operationId: 'getPageFile',
      summary: 'A file of the status page: style, script or image.',
      parameters: [inPath('digest', 'Of all files, as the page has it.', STRING), inPath('file', 'Its name.', STRING)],
      answers: {
        200: {
          description: 'The file, which does not change.',
          content: {
            'text/javascript; charset=utf-8': STRING,
            'text/css; charset=utf-8': STRING,
            'image/svg+xml; charset=utf-8': STRING,
          },
        },
      },
      errors: [404],
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      summary: 'All metrics, as Prometheus scrapes them.',
      answers: {
        200: {
          description: 'Text format 0.0.4, whatever is asked for.',
          content: { [EXPOSITION_CONTENT_TYPE]: STRING },
        },
      },
    },
  },
  '/-/healthy': {
    get: {
      operationId: 'isHealthy',
      summary: 'Whether the process answers.',
      isGuarded: false,
      answers: { 200: plain('It does.') },
    },
  },
  '/-/ready': {
    get: {
      operationId: 'isReady',
      summary: 'Whether alerts are taken and acted on now.',
      isGuarded: false,
      answers: { 200: plain('They are.'), 503: plain('They are not, and why: a line a reason.') },
      errors: [500, 503],
    },
  },
  '/-/reload': { post: reload('reload'), put: reload('reloadByPut') },
  '/api/v1/alerts': {
    post: {
      operationId: 'postAlerts',
      summary: 'Takes a notification of Alertmanager (webhook version 4) or Grafana.',
      description:
        'Answered once the alerts are durable. Alerts that are not ours, or cannot be read, are ignored and counted; only a body that is no such envelope is refused.',
      requestBody: jsonRequest(alertNotificationSchema),
      answers: { 202: data('The alerts are committed.', acceptedSchema) },
      errors: [413, 415],
    },
  },
  '/api/v1/topologies': {
    get: {
      operationId: 'listTopologies',
      summary: 'All topologies that are configured or were discovered, by name.',
      answers: {
        200: {
          ...data('The topologies.', listOf(topologySchema)),
          links: { one: linkTo('getTopology', 'name', '/0/topology') },
        },
      },
    },
  },
  '/api/v1/topologies/{name}': {
    get: {
      operationId: 'getTopology',
      summary: 'The latest evaluation of one topology.',
      parameters: [inPath('name', 'Name of the topology.', STRING)],
      answers: { 200: data('The topology.', topologySchema) },
      errors: [404],
    },
  },
  '/api/v1/topologies/{name}/history': {
    get: {
      operationId: 'getTopologyHistory',
      summary: 'What was seen of its operators over the last hours, and the actions on it.',
      description:
        'One range query to Prometheus for the series that Dhalion exports of it, shared by all who ask at about the same time. Where Prometheus does not answer, `unknown_because` says so.',
      parameters: [
        inPath('name', 'Name of the topology.', STRING),
        inQuery('range', 'How far back; left out: the shortest that holds a hundred evaluations, at most 6h.', {
          enum: HISTORY_RANGES,
        }),
      ],
      answers: { 200: data('The history.', topologyHistorySchema) },
      errors: [404],
    },
  },
  '/api/v1/topologies/{name}/instances': {
    delete: {
      operationId: 'forgetInstances',
      summary: 'Takes the instances that are seen next for all there are.',
      description:
        'Where fewer instances are seen than before, and nothing shows that the topology runs with fewer, what it does is unknown, since a lost scrape looks the same. This says that no others run.',
      parameters: [
        inPath('name', 'Name of the topology.', STRING),
        inQuery('operator', 'Only those of this operator.', { type: 'string', minLength: 1 }),
      ],
      answers: { 200: data('What was remembered.', forgottenInstancesSchema) },
      errors: [404],
    },
  },
  '/api/v1/actions': {
    get: {
      operationId: 'listActions',
      summary: 'Actions, newest first.',
      parameters: logFilter(),
      answers: {
        200: {
          ...data('The actions.', listOf(actionSchema)),
          links: { cancel: linkTo('cancelAction', 'id', '/0/id') },
        },
      },
    },
  },
  '/api/v1/actions/{id}': {
    delete: {
      operationId: 'cancelAction',
      summary: 'Cancels an action: it is not sent again, not judged, not reverted.',
      parameters: [uuidInPath('Id of the action.')],
      answers: { 204: { description: 'It is cancelled.' } },
      errors: [404, 409],
    },
  },
  '/api/v1/decisions': {
    get: {
      operationId: 'listDecisions',
      summary: 'Decisions, newest first.',
      parameters: logFilter(),
      answers: { 200: data('The decisions.', listOf(loggedDecisionSchema)) },
    },
  },
  '/api/v1/blacklist': {
    get: {
      operationId: 'listBlacklist',
      summary: 'Entries of the blacklist, suspended ones included.',
      answers: {
        200: {
          ...data('The entries.', listOf(blacklistEntrySchema)),
          links: { remove: linkTo('removeBlacklistEntry', 'id', '/0/id') },
        },
      },
    },
  },
  '/api/v1/blacklist/{id}': {
    delete: {
      operationId: 'removeBlacklistEntry',
      summary: 'Forgets what is held against a resolver on a diagnosis of an operator.',
      parameters: [uuidInPath('Id of the entry.')],
      answers: { 204: { description: 'It is forgotten.' } },
      errors: [404],
    },
  },
  '/api/v1/pauses': {
    get: {
      operationId: 'listPauses',
      summary: 'Pauses in force, newest first.',
      answers: {
        200: { ...data('The pauses.', listOf(pauseSchema)), links: { end: linkTo('endPause', 'id', '/0/id') } },
      },
    },
    post: {
      operationId: 'addPause',
      summary: 'Pauses a topology, a resolver, or everything.',
      requestBody: jsonRequest(pauseRequestSchema),
      answers: {
        201: { ...data('The pause, in force.', pauseSchema), links: { end: linkTo('endPause', 'id', '/id') } },
      },
      errors: [404, 413, 415],
    },
  },
  '/api/v1/pauses/{id}': {
    delete: {
      operationId: 'endPause',
      summary: 'Ends a pause before its time.',
      parameters: [uuidInPath('Id of the pause.')],
      answers: { 204: { description: 'It is over.' } },
      errors: [404],
    },
  },
  '/api/v1/events': {
    get: {
      operationId: 'streamEvents',
      summary: 'Server-sent events: that something has changed.',
      description: `Each event \`change\` has the data \`{"changed":[…]}\`, with one or more of ${CHANGES.join(', ')}; what it is now, the other paths tell. Comments keep it open. Where too many streams are open it is 503.`,
      answers: {
        200: { description: 'A stream without end.', content: { 'text/event-stream; charset=utf-8': STRING } },
      },
    },
  },
  '/api/v1/openapi.json': {
    get: {
      operationId: 'getOpenApi',
      summary: 'This document.',
      answers: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': { type: 'object' } } } },
    },
  },
};

function reload(operationId: string): Operation {
  return {
    operationId,
    summary: 'Reloads the configuration.',
    answers: {
      200: plain('The configuration is in force.'),
      500: plain('The configuration is refused, and why; the one in force stays.'),
    },
  };
}

function plain(description: string): Answer {
  return { description, content: { [PLAIN]: STRING } };
}

function data(description: string, schema: object): Answer {
  const envelope = { allOf: [successSchema, { properties: { data: schema } }] };
  return { description, content: { 'application/json': envelope } };
}

function listOf(items: object): object {
  return { type: 'array', items };
}

/** @param pointer to the value in `data` of the answer */
function linkTo(operationId: string, parameter: string, pointer: string): object {
  return { operationId, parameters: { [parameter]: `$response.body#/data${pointer}` } };
}

function jsonRequest(schema: object): object {
  return { required: true, content: { 'application/json': { schema } } };
}

function inPath(name: string, description: string, schema: object): object {
  return { name, in: 'path', required: true, description, schema };
}

function inQuery(name: string, description: string, schema: object): object {
  return { name, in: 'query', description, schema };
}

function uuidInPath(description: string): object {
  return inPath('id', description, { type: 'string', format: 'uuid' });
}

function logFilter(): readonly object[] {
  return [
    inQuery('topology', 'Only those of this topology.', { type: 'string', minLength: 1 }),
    inQuery('since', 'Only those from this time on: RFC 3339 (with + as %2B) or unix seconds.', {
      type: 'string',
      anyOf: [{ format: 'date-time' }, { pattern: UNIX_SECONDS_PATTERN }],
    }),
    inQuery('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
  ];
}
