// backpressure: the operator is a culprit, its suspended ratio exceeds `backpressure_threshold`.
import type { Detector } from './detector.js';

export const detectBackpressure: Detector = (operator, { attributions }) =>
  attributions.get(operator.spec.name)?.isCulprit ?? 'unknown';
