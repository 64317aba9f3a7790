// What `dhalion rules` prints.
import { rulesCommand, type RulesCommandOptions } from '../../src/commands/rules/rules-command.js';
import { SHIPPED_DHALION_URL, SHIPPED_JOB } from '../../src/commands/rules/rule-settings.js';

/** With the given flags; the others are not given. Rejects as the command does. */
export async function printRules(flags: Partial<Omit<RulesCommandOptions, 'write'>> = {}): Promise<string> {
  const printed: string[] = [];
  await rulesCommand({
    part: 'alerts',
    configFile: null,
    evaluationInterval: null,
    scaleDownAfter: null,
    job: SHIPPED_JOB,
    labels: [],
    runbookUrl: null,
    grafanaUrl: null,
    dhalionUrl: SHIPPED_DHALION_URL,
    ...flags,
    write: (text) => printed.push(text),
  });
  return printed.join('');
}
