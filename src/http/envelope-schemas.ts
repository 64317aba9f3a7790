// JSON Schemas of the envelope of every JSON answer.
import { ERROR_TYPES } from './envelope.js';

export const successSchema = {
  type: 'object',
  description: 'The envelope of a successful answer.',
  required: ['status', 'data'],
  properties: { status: { const: 'success' }, data: { description: 'Described by each path.' } },
} as const;

export const errorSchema = {
  type: 'object',
  description: 'The envelope of an error.',
  required: ['status', 'errorType', 'error'],
  properties: {
    status: { const: 'error' },
    errorType: { enum: Object.values(ERROR_TYPES), description: 'One per HTTP status.' },
    error: { type: 'string', description: 'What is wrong; quotes the input as written.' },
  },
} as const;
