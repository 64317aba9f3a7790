// JSON Schemas of the envelope that every JSON answer comes in.
import { ERROR_TYPES } from './envelope.js';

export const successSchema = {
  type: 'object',
  description: 'The envelope of what was asked for.',
  required: ['status', 'data'],
  properties: { status: { const: 'success' }, data: { description: 'As each path says.' } },
} as const;

export const errorSchema = {
  type: 'object',
  description: 'The envelope of an error.',
  required: ['status', 'errorType', 'error'],
  properties: {
    status: { const: 'error' },
    errorType: { enum: Object.values(ERROR_TYPES), description: 'One for each HTTP status.' },
    error: { type: 'string', description: 'What is wrong, in words; names the thing as it was written.' },
  },
} as const;
