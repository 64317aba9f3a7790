// Every path of the HTTP interface with all its answers, for the OpenAPI document. A test requests each from a running service and
// compares this table with the registered routes.
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
  /** `false`: for probes, without credentials. */
  readonly isGuarded?: boolean;
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  /** By status: the answers of a successful request, or answers with their own description. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Errors in the envelope, in addition to those of every operation. */
  readonly errors?: readonly ErrorStatus[];
}

export interface Answer {
  readonly description: string;
  /** Schema by content type; none: no body. */
  readonly content?: Readonly<Record<string, object>>;
  /** What can be requested with a value of the answer, by name. */
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
        401: {
          description: 'Credentials are required; the page explains how to send them.',
          content: { [HTML]: STRING },
        },
      },
    },
  },
  '/assets/{digest}/{file}': {
    get: {
      operationId: 'getPageFile',
      summary: 'A file of the status page: style, script or image.',
      parameters: [
        inPath('digest', 'Digest of all files, from the page.', STRING),
        inPath('file', 'File name.', STRING),
      ],
      answers: {
        200: {
          description: 'The file; it never changes.',
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
      summary: 'All metrics, for Prometheus.',
      answers: {
        200: {
          description: 'Always text format 0.0.4.',
          content: { [EXPOSITION_CONTENT_TYPE]: STRING },
        },
      },
    },
  },
  '/-/healthy': {
    get: {
      operationId: 'isHealthy',
      summary: 'Liveness of the process.',
      isGuarded: false,
      answers: { 200: plain('It is alive.') },
    },
  },
  '/-/ready': {
    get: {
      operationId: 'isReady',
      summary: 'Readiness to accept alerts and act.',
      isGuarded: false,
      answers: { 200: plain('Ready.'), 503: plain('Not ready; one reason per line.') },
      errors: [500, 503],
    },
  },
  '/-/reload': { post: reload('reload'), put: reload('reloadByPut') },
  '/api/v1/alerts': {
    post: {
      operationId: 'postAlerts',
      summary: 'Accepts a notification of Alertmanager (webhook version 4) or Grafana.',
      description:
        'The answer comes once the alerts are durable. Alerts for others and unreadable ones are ignored and counted; only a body without the envelope is refused.',
      requestBody: jsonRequest(alertNotificationSchema),
      answers: { 202: data('The alerts are committed.', acceptedSchema) },
      errors: [413, 415],
    },
  },
  '/api/v1/topologies': {
    get: {
      operationId: 'listTopologies',
      summary: 'All configured and discovered topologies, by name.',
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
      summary: 'Series of its operators over the last hours, and the actions on it.',
      description:
        'One range query to Prometheus for the series that Dhalion exports about it, shared by concurrent requests. `unknown_because` has the reason if Prometheus does not answer.',
      parameters: [
        inPath('name', 'Name of the topology.', STRING),
        inQuery('range', 'Length of the range; default: the shortest with a hundred evaluations, at most 6h.', {
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
      summary: 'Forgets instance counts: the instances seen next count as all of them.',
      description:
        'If fewer instances are seen than before, without evidence that the topology runs with fewer, its measurements are unknown, since a lost scrape looks the same. This request confirms that no other instances run.',
      parameters: [
        inPath('name', 'Name of the topology.', STRING),
        inQuery('operator', 'Only instances of this operator.', { type: 'string', minLength: 1 }),
      ],
      answers: { 200: data('The forgotten instance counts.', forgottenInstancesSchema) },
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
      answers: { 204: { description: 'Cancelled.' } },
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
      summary: 'Removes an entry from the blacklist.',
      parameters: [uuidInPath('Id of the entry.')],
      answers: { 204: { description: 'Removed.' } },
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
      summary: 'Ends a pause early.',
      parameters: [uuidInPath('Id of the pause.')],
      answers: { 204: { description: 'Ended.' } },
      errors: [404],
    },
  },
  '/api/v1/events': {
    get: {
      operationId: 'streamEvents',
      summary: 'Server-sent events about changes.',
      description: `Each event \`change\` has the data \`{"changed":[…]}\`, with one or more of ${CHANGES.join(', ')}; the other paths have the new state. Comments keep the stream open. The answer is 503 if too many streams are open.`,
      answers: {
        200: { description: 'An endless stream.', content: { 'text/event-stream; charset=utf-8': STRING } },
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
      500: plain('The configuration is refused, with the reason; the old one remains in force.'),
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
    inQuery('topology', 'Only entries of this topology.', { type: 'string', minLength: 1 }),
    inQuery('since', 'Only entries from this time on: RFC 3339 (with + as %2B) or Unix seconds.', {
      type: 'string',
      anyOf: [{ format: 'date-time' }, { pattern: UNIX_SECONDS_PATTERN }],
    }),
    inQuery('limit', 'Maximum number of entries.', {
      type: 'integer',
      minimum: 1,
      maximum: MAX_LIMIT,
      default: DEFAULT_LIMIT,
    }),
  ];
}
