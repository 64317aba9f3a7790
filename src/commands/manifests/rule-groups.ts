// The groups of a rule file. Pure.
import { parse } from 'yaml';

/** The keys are those of Prometheus and of the Prometheus operator. */
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

export function parseGroups(text: string): readonly RuleGroup[] {
  return (parse(text) as { readonly groups: readonly RuleGroup[] }).groups;
}
