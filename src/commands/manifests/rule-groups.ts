// The shipped rules, made to fit one installation: its evaluation interval, and the namespace that its alerts are routed by. Pure.
import { parse } from 'yaml';
import { durationMs, renderDuration } from '../../grammar/duration.js';

/** The keys are Prometheus' own, and those of the Prometheus operator. */
export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** That of the shipped rules. */
const SHIPPED_INTERVAL_MS = durationMs('5m');

export function parseGroups(text: string): readonly RuleGroup[] {
  return (parse(text) as { readonly groups: readonly RuleGroup[] }).groups;
}

export interface RuleSurroundings {
  readonly namespace: string;
  readonly evaluationIntervalMs: number;
}

/**
 * An alert has the label `namespace`: by default the Prometheus operator routes to an AlertmanagerConfig only the alerts that have its
 * namespace there. What a rule has to follow the evaluation interval in is said in rules/README.md.
 */
export function adaptGroups(groups: readonly RuleGroup[], surroundings: RuleSurroundings): readonly RuleGroup[] {
  return groups.map((group) => ({ ...group, rules: group.rules.map((rule) => adaptRule(rule, surroundings)) }));
}

function adaptRule(rule: Rule, { namespace, evaluationIntervalMs }: RuleSurroundings): Rule {
  if (rule.alert === undefined) return rule;
  const labelled = { ...rule, labels: { ...rule.labels, namespace } };
  return evaluationIntervalMs === SHIPPED_INTERVAL_MS ? labelled : follow(labelled, evaluationIntervalMs);
}

function follow(rule: Rule, intervalMs: number): Rule {
  const { alert, expr } = rule;
  const followed = rule.keep_firing_for === undefined ? rule : { ...rule, keep_firing_for: renderDuration(intervalMs) };
  if (alert === 'DhalionEvaluationLate') {
    return { ...followed, expr: expr.replace(/> 900$/, `> ${(3 * intervalMs) / 1000}`) };
  }
  if (alert === 'DhalionEvaluationFailing' && intervalMs > SHIPPED_INTERVAL_MS) {
    const range = renderDuration(2 * intervalMs);
    return { ...followed, expr: expr.replace('[10m]', `[${range}]`), for: renderDuration(3 * intervalMs) };
  }
  return followed;
}
