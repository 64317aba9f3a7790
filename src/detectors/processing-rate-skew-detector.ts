// processing_rate_skew: the fastest instance processes more than `processing_rate_skew_ratio` times what the slowest does.
import { truthOfReading, type Detector } from './detector.js';

export const detectProcessingRateSkew: Detector = (operator, { settings }) =>
  truthOfReading(
    operator,
    operator.processingRate,
    ({ max, min }, parallelism) => parallelism > 1 && max > settings.processingRateSkewRatio * min,
  );
