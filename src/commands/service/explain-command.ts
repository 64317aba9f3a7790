// `dhalion explain TOPOLOGY`: the measurements, the culprit, the recommended action and why Dhalion acts or holds: the views of
// the status page, as text.
import type { Operator } from '../../http/page/browser/api-types.js';
import { renderDoing } from '../../http/page/browser/doing-view.js';
import { renderOperators } from '../../http/page/browser/operators-view.js';
import { standingOfTopology } from '../../http/page/browser/standing.js';
import { describeMode, renderFacts, TOPOLOGY_MARKS } from '../../http/page/browser/topologies-view.js';
import { SYMPTOM_WORDS } from '../../http/page/browser/words.js';
import type { SymptomName } from '../../model/symptom.js';
import type { Truth } from '../../model/truth.js';
import { renderLines, renderWords, wrapText } from './terminal-text.js';
import { cleanText } from '../../clean-text.js';
import { styleOf, writeJson, writeLines, type ServiceCommand } from './terminal-output.js';

/** More than the actions of all decisions that still matter. */
const NEWEST = 20;

export async function explainCommand(command: ServiceCommand, name: string): Promise<void> {
  const { api, format, width } = command;
  const topology = await api.topology(name);
  const [pauses, actions] = await Promise.all([api.pauses(), api.actions({ topology: name, limit: NEWEST })]);
  if (format === 'json') {
    const holding = pauses.filter((pause) => pause.topology === null || pause.topology === name);
    writeJson(command, { ...topology, pauses: holding });
    return;
  }
  const nowMs = api.nowMs();
  const style = styleOf(command);
  const [glyph, word] = TOPOLOGY_MARKS[standingOfTopology(topology)];
  const facts = renderFacts(topology, nowMs).map((fact) => renderWords([fact], style));
  // The second table shows symptoms, most of which are no.
  const [measured, , ...remarks] = topology.operators.length === 0 ? [] : renderOperators(topology);
  writeLines(command, [
    ...wrapText(`${glyph} ${word}: ${cleanText(topology.topology)} (${describeMode(topology)})`, width, ''),
    ...wrapText(facts.join(', '), width, '  '),
    '',
    ...renderLines([renderDoing(topology, { pauses, actions, nowMs })], style),
    ...(measured === undefined ? [] : ['', 'Operators', ...renderLines([measured], style)]),
    ...topology.operators.flatMap((operator) => wrapAll(describeSymptoms(operator), width)),
    ...(remarks.length === 0 ? [] : ['', 'Sizes, and what is missing', ...renderLines(remarks, style)]),
  ]);
}

function wrapAll(lines: readonly string[], width: number | null): string[] {
  return lines.flatMap((line) => wrapText(line, width, '  '));
}

/** `split: backpressure, packets grow; not known: stalled`; nothing for an operator without symptoms. */
function describeSymptoms({ operator, symptoms }: Operator): string[] {
  const namesOf = (truth: Truth): string =>
    (Object.keys(SYMPTOM_WORDS) as SymptomName[])
      .filter((symptom) => symptoms[symptom] === truth)
      .map((symptom) => SYMPTOM_WORDS[symptom])
      .join(', ');
  const [shown, unknown] = [namesOf('yes'), namesOf('unknown')];
  const parts = [shown, unknown === '' ? '' : `not known: ${unknown}`].filter((words) => words !== '');
  return parts.length === 0 ? [] : [`${cleanText(operator)}: ${parts.join('; ')}`];
}
