// JSON Schemas of the API's answers, for the types of the rendering code and for OpenAPI. Closed lists come from the model. A
// topology's schema is in topology-api-schema.ts. Open: clients must accept new keys. null: unknown or not applicable, as described.
import { ACTION_STATES } from '../model/action.js';
import { BLACKLIST_CAUSES, BLACKLIST_STATES } from '../model/blacklist.js';
import { DECISIONS, HOLD_REASONS } from '../model/decision.js';
import { DIAGNOSES } from '../model/diagnosis.js';
import { OUTCOMES } from '../model/outcome.js';
import { ACTION_KINDS, RESOLVERS } from '../model/resolver.js';
import { SYMPTOMS, type SymptomName } from '../model/symptom.js';
import { TRUTHS } from '../model/truth.js';

const time = { type: 'string', format: 'date-time' } as const;
export const optionalTime = { type: ['string', 'null'], format: 'date-time' } as const;
export const number = { type: 'number' } as const;
export const optionalNumber = { type: ['number', 'null'] } as const;
export const optionalCount = { type: ['integer', 'null'], minimum: 0 } as const;
export const text = { type: 'string' } as const;
const id = { type: 'string', format: 'uuid' } as const;
export const truth = { enum: TRUTHS } as const;
export const symptomsSchema = {
  type: 'object',
  description: 'Truth by symptom.',
  required: SYMPTOMS,
  properties: Object.fromEntries(SYMPTOMS.map((symptom) => [symptom, truth])) as Record<SymptomName, typeof truth>,
} as const;
export const diagnoses = { type: 'array', items: { enum: DIAGNOSES } } as const;
export const suspendedRatio = {
  type: ['number', 'null'],
  minimum: 0,
  maximum: 1,
  description: 'Share of the window in which input was suspended because of the operator; null: unknown.',
} as const;

/** The part of an action for one operator. */
const actionOperatorSchema = {
  type: 'object',
  required: [
    'operator',
    'diagnosis',
    'current_parallelism',
    'desired_parallelism',
    'operator_instances',
    'counts_against',
    'reason',
  ],
  properties: {
    operator: text,
    diagnosis: { enum: DIAGNOSES },
    current_parallelism: { type: 'integer', minimum: 0 },
    desired_parallelism: { type: 'integer', minimum: 0 },
    operator_instances: { type: 'array', items: text, description: 'The outliers, for a restart or a rebalance.' },
    counts_against: {
      type: ['boolean', 'null'],
      description: 'Whether a bad outcome of the action counts against this operator; null: no bad outcome.',
    },
    reason: {
      type: 'object',
      description: 'The measurements behind it; null: unknown.',
      required: [
        'suspended_ratio',
        'offered_ratio',
        'effective_busy',
        'expected_busy',
        'needed_instances',
        'pending_packets',
        'processing_rate',
      ],
      properties: {
        suspended_ratio: suspendedRatio,
        offered_ratio: { ...optionalNumber, description: 'Offered over served load at the operator.' },
        effective_busy: {
          ...optionalNumber,
          description: 'Busy ratio of its busiest instance, relative to the highest possible one.',
        },
        expected_busy: {
          ...optionalNumber,
          description:
            'Expected busy ratio of its busiest instance with the desired parallelism, under the offered load.',
        },
        needed_instances: { ...optionalNumber, description: "The offered load in instances' worth of work." },
        pending_packets: { ...optionalNumber, description: 'Mean per instance.' },
        processing_rate: { ...optionalNumber, description: 'Records/s of the operator.' },
      },
    },
  },
} as const;

export const actionSchema = {
  type: 'object',
  description:
    'One action, from its claim to its judgement: one call for one or more operators. Keys about an operator outside `operators` describe the first, most urgent one.',
  required: [
    'id',
    'topology',
    'operators',
    'operator',
    'resolver',
    'diagnosis',
    'state',
    'outcome',
    'current_parallelism',
    'desired_parallelism',
    'reverts',
    'reverted_by',
    'claimed_at',
    'completed_at',
    'judged_at',
    'attempts',
    'reason',
    'dry_run',
    'failure',
    'held_up_by',
    'engine_waits_until',
  ],
  properties: {
    id: { ...id, description: 'Also the idempotency key of its call.' },
    topology: text,
    operators: { type: 'array', minItems: 1, items: actionOperatorSchema },
    operator: text,
    resolver: { enum: ACTION_KINDS },
    diagnosis: { enum: DIAGNOSES },
    state: {
      enum: ACTION_STATES,
      description: 'claimed: the call is in flight or due; completed: settling; judged: done.',
    },
    outcome: { enum: [...OUTCOMES, null], description: 'null: not judged yet, or a dry run of an earlier version.' },
    current_parallelism: { type: 'integer', minimum: 0 },
    desired_parallelism: { type: 'integer', minimum: 0 },
    reverts: { type: ['string', 'null'], format: 'uuid', description: 'The action that this one reverts.' },
    reverted_by: { type: ['string', 'null'], format: 'uuid', description: 'The action that reverted this one.' },
    claimed_at: time,
    completed_at: optionalTime,
    judged_at: optionalTime,
    attempts: { type: 'integer', minimum: 0, description: 'Calls sent so far.' },
    reason: {
      type: 'object',
      description: 'The measurements behind it; null: unknown.',
      required: ['suspended_ratio', 'pending_packets', 'processing_rate', 'source_backlog', 'offered_rate'],
      properties: {
        suspended_ratio: suspendedRatio,
        pending_packets: { ...optionalNumber, description: 'Mean per instance.' },
        processing_rate: { ...optionalNumber, description: 'Records/s of the operator.' },
        source_backlog: { ...optionalNumber, description: "Records waiting outside the topology's sources." },
        offered_rate: { ...optionalNumber, description: 'Records/s offered to the topology.' },
      },
    },
    dry_run: { type: 'boolean', description: 'True if everything was done except the call.' },
    failure: {
      type: ['string', 'null'],
      description: 'Error of the last call; null if it succeeded or nothing was sent.',
    },
    held_up_by: {
      type: ['string', 'null'],
      description:
        'Why the desired parallelism has not taken effect, as the called system reports; null: it has, or the system reports nothing.',
    },
    engine_waits_until: {
      ...optionalTime,
      description:
        'Until when the engine may leave it undone by its own word, such as until a checkpoint: `not_applied` only `settling_time` after that. null: it is not known.',
    },
  },
} as const;

const unknownBecause = {
  type: ['string', 'null'],
  description: 'What is unknown, if it is held as unknown_measurements; null: another reason, or no details.',
} as const;

export const decisionSchema = {
  type: 'object',
  description: 'The answer to one alert.',
  required: [
    'at',
    'topology',
    'operator',
    'diagnosis',
    'resolver',
    'decision',
    'reason',
    'unknown_because',
    'action_id',
  ],
  properties: {
    at: time,
    topology: text,
    operator: text,
    diagnosis: { enum: DIAGNOSES },
    resolver: { enum: [...ACTION_KINDS, null], description: 'null: unknown topology.' },
    decision: { enum: DECISIONS },
    reason: { enum: [...HOLD_REASONS, null], description: 'Why it is held; null when acting.' },
    unknown_because: unknownBecause,
    action_id: {
      type: ['string', 'null'],
      format: 'uuid',
      description: 'The resulting action; alerts decided together have the same one.',
    },
  },
} as const;

const evidenceSchema = {
  type: ['object', 'null'],
  description: 'The measurements behind the decision; null if it was decided without a look.',
  properties: {
    evaluated_at: time,
    operator_known: {
      type: ['boolean', 'null'],
      description: 'false: the topology had no operator of that name; null: an earlier version decided it.',
    },
    backpressure: { anyOf: [truth, { type: 'null' }] },
    parallelism: optionalCount,
    recommended_parallelism: optionalCount,
    suspended_ratio: suspendedRatio,
    // A decision of an earlier version has the symptoms of that version.
    symptoms: { anyOf: [{ ...symptomsSchema, required: [] }, { type: 'null' }] },
    diagnoses: { anyOf: [diagnoses, { type: 'null' }] },
    missing_sensors: { type: 'array', items: text, description: 'Of the whole topology, as operator/sensor.' },
    unknown_because: unknownBecause,
  },
} as const;

export const loggedDecisionSchema = {
  type: 'object',
  description: 'The answer to one alert, with the measurements behind it.',
  required: [...decisionSchema.required, 'evidence'],
  properties: { ...decisionSchema.properties, evidence: evidenceSchema },
} as const;

export const blacklistEntrySchema = {
  type: 'object',
  description:
    'A resolver that is not tried again for a diagnosis of an operator, because it did harm or had no effect.',
  required: ['id', 'topology', 'operator', 'diagnosis', 'resolver', 'cause', 'since', 'expires_at', 'state', 'floor'],
  properties: {
    id: {
      ...id,
      description:
        'For its removal. Equals the id of the action that caused the entry, if it is about the first or only operator of that action.',
    },
    topology: text,
    operator: text,
    diagnosis: { enum: DIAGNOSES },
    resolver: { enum: RESOLVERS },
    cause: { enum: BLACKLIST_CAUSES },
    since: time,
    expires_at: { ...optionalTime, description: 'null: only when removed by hand.' },
    state: {
      enum: BLACKLIST_STATES,
      description: 'in_force: alerts are held; suspended: the load is too different for it to apply now.',
    },
    floor: {
      type: ['integer', 'null'],
      minimum: 1,
      description:
        'For a scale_down that did harm: the lowest parallelism for a scale_down under the load last seen; if it is at least the current parallelism, the operator is not scaled down at all. null: unknown, or another resolver.',
    },
  },
} as const;

export const pauseSchema = {
  type: 'object',
  description: 'A temporary stop of actions; it also holds reverts and open actions.',
  required: ['id', 'topology', 'resolver', 'reason', 'created_at', 'expires_at'],
  properties: {
    id,
    topology: { type: ['string', 'null'], description: 'null: all topologies.' },
    resolver: { enum: [...ACTION_KINDS, null], description: 'null: all resolvers, and reverts.' },
    reason: text,
    created_at: time,
    expires_at: time,
  },
} as const;

export const acceptedSchema = {
  type: 'object',
  description: 'What happened to the alerts of a notification.',
  required: ['accepted', 'ignored'],
  properties: {
    accepted: { type: 'integer', minimum: 0, description: 'Committed to the action log.' },
    ignored: { type: 'integer', minimum: 0, description: 'Not for Dhalion, unknown diagnosis, or malformed.' },
  },
} as const;

export const forgottenInstancesSchema = {
  type: 'object',
  description: 'The instance counts that were forgotten.',
  required: ['topology', 'forgotten'],
  properties: {
    topology: text,
    forgotten: {
      type: 'array',
      description: 'Empty: nothing was remembered.',
      items: {
        type: 'object',
        required: ['operator', 'parallelism'],
        properties: { operator: text, parallelism: { type: 'integer', minimum: 0 } },
      },
    },
  },
} as const;
