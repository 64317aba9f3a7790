// PURE: the receiver of one call, found by the labels of its operators: a plan is one request to one receiver.
import { DhalionError } from '../errors.js';
import type { WebhookBody } from './webhook-body.js';

type Labels = WebhookBody['operators'][number]['labels'];

export interface TargetSearch<Target> {
  /** The start of the error message: `webhook scaler: url`. */
  readonly subject: string;
  /** Plural: `JobManagers`. */
  readonly kind: string;
  readonly find: (labels: Labels) => { readonly target: Target } | { readonly failure: string };
  /** Equal targets have equal descriptions. */
  readonly describe: (target: Target) => string;
}

/** @throws DhalionError config_invalid if the labels of an operator lead to no target, or those of two to different ones */
export function onlyTargetOf<Target>(
  { operators }: Pick<WebhookBody, 'operators'>,
  { subject, kind, find, describe }: TargetSearch<Target>,
): Target {
  const refuse = (failure: string): never => {
    throw new DhalionError('config_invalid', `${subject}: ${failure}`);
  };
  const targets = new Map<string, Target>();
  for (const { operator, labels } of operators) {
    const found = find(labels);
    if ('failure' in found) return refuse(`${operator}: ${found.failure}`);
    targets.set(describe(found.target), found.target);
  }
  const [target, ...others] = targets.values();
  if (target === undefined || others.length > 0) {
    return refuse(`the labels of the operators lead to different ${kind}: ${[...targets.keys()].join(', ')}`);
  }
  return target;
}
