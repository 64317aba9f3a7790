// What a detector can find in an operator's measurements.
import type { Truth } from './truth.js';

export const SYMPTOMS = [
  'backpressure',
  'pending_packets_near_zero',
  'pending_packets_skew',
  'processing_rate_skew',
  'stalled',
  'growing_pending_packets',
  'growing_source_backlog',
] as const;
export type SymptomName = (typeof SYMPTOMS)[number];

/** All symptoms of one operator. */
export type Symptoms = Readonly<Record<SymptomName, Truth>>;

export function hasUnknownSymptom(symptoms: Symptoms): boolean {
  return SYMPTOMS.some((symptom) => symptoms[symptom] === 'unknown');
}
