// Arguments of `dhalion rules`.
import { Argument, Option, type Command } from 'commander';
import {
  DEFAULT_EVALUATION_INTERVAL,
  RULES_PARTS,
  SHIPPED_DHALION_URL,
  SHIPPED_JOB,
  type RulesPart,
} from './rule-settings.js';

interface RulesFlags {
  readonly 'config.file'?: string;
  readonly evaluationInterval?: string;
  readonly scaleDownAfter?: string;
  readonly job: string;
  readonly label: readonly string[];
  readonly runbookUrl?: string;
  readonly grafanaUrl?: string;
  readonly dhalionUrl: string;
}

export function addRulesCommand(program: Command, write: (text: string) => void): void {
  program
    .command('rules')
    .description('print the alert rules, the Alertmanager route or a dashboard for this installation')
    .addArgument(new Argument('[part]', 'what to print').choices(RULES_PARTS).default('alerts'))
    .option('--config.file <file>', 'configuration (YAML), for its evaluation_interval and grafana_url')
    .addOption(
      new Option('--evaluation-interval <duration>', 'evaluation_interval, if no configuration is given')
        .default(undefined, DEFAULT_EVALUATION_INTERVAL)
        .conflicts('config.file'),
    )
    .option('--scale-down-after <duration>', 'how long capacity must be idle (default: 15m, or three evaluations)')
    .option('--job <name>', 'scrape job of Dhalion', SHIPPED_JOB)
    .addOption(
      new Option('--label <name=value>', 'label of every alert; repeatable')
        .argParser((label: string, others: readonly string[]) => [...others, label])
        .default([], 'none'),
    )
    .option('--runbook-url <url>', "base URL of the project's files, for links to runbooks")
    .option('--grafana-url <url>', 'base URL of Grafana, for links to dashboards')
    .option('--dhalion-url <url>', 'address of Dhalion for Alertmanager', SHIPPED_DHALION_URL)
    .action(async (part: RulesPart, flags: RulesFlags) => {
      const { rulesCommand } = await import('./rules-command.js');
      await rulesCommand({
        part,
        configFile: flags['config.file'] ?? null,
        evaluationInterval: flags.evaluationInterval ?? null,
        scaleDownAfter: flags.scaleDownAfter ?? null,
        job: flags.job,
        labels: flags.label,
        runbookUrl: flags.runbookUrl ?? null,
        grafanaUrl: flags.grafanaUrl ?? null,
        dhalionUrl: flags.dhalionUrl,
        write,
      });
    });
}
