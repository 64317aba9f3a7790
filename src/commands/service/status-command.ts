// `dhalion status`: the state of the service, and each topology in a line, most urgent first.
import type { Pause, Readiness, Topology } from '../../http/page/browser/api-types.js';
import { element } from '../../http/page/browser/page-node.js';
import { formatDistance } from '../../http/page/browser/quantities.js';
import { selectTopologies, standingOfTopology } from '../../http/page/browser/standing.js';
import { describeMode, renderInShort, TOPOLOGY_MARKS } from '../../http/page/browser/topologies-view.js';
import { shortenName, widthOf } from '../../shorten-name.js';
import { describePause } from './describe-pause.js';
import { renderWords, wrapText } from './terminal-text.js';
import { cleanText } from '../../clean-text.js';
import { styleOf, writeJson, writeLines, type ServiceCommand } from './terminal-output.js';

/** In a narrower column the text about a topology is useless. */
const MIN_WORDS_WIDTH = 30;
const MAX_NAME_WIDTH = 40;
const GAP = '  ';

/** Resolves with the exit code: 0 the service is ready, 1 it is not. */
export async function statusCommand(command: ServiceCommand): Promise<number> {
  const { api, format } = command;
  const readiness = await api.readiness();
  const [topologies, pauses] = await Promise.all([api.topologies(), api.pauses()]);
  if (format === 'json') {
    writeJson(command, { ready: readiness.isReady, messages: readiness.lines, pauses, topologies });
  } else {
    const nowMs = api.nowMs();
    writeLines(command, [
      ...describeReadiness(readiness, command),
      ...pauses.flatMap((pause) => wrapText(`‖ ${describePause(pause, nowMs)}`, command.width, '')),
      ...describeTopologies(topologies, pauses, command),
    ]);
  }
  return readiness.isReady ? 0 : 1;
}

function describeReadiness({ isReady, lines }: Readiness, { api, width }: ServiceCommand): string[] {
  const state = isReady ? 'is ready' : 'is not ready: it accepts no alerts and does not act';
  return [`Dhalion at ${api.url} ${state}.`, ...lines.flatMap((line) => wrapText(`⚠ ${cleanText(line)}`, width, ''))];
}

function describeTopologies(
  topologies: readonly Topology[],
  pauses: readonly Pause[],
  command: ServiceCommand,
): string[] {
  if (topologies.length === 0) {
    return [
      'No topology has been seen yet: dhalion check config FILE --online runs each query once and reports the results.',
    ];
  }
  const sorted = selectTopologies(topologies, { text: '', isProblemsOnly: false, keptOrder: null });
  const nowMs = command.api.nowMs();
  const rows = sorted.map((topology): Row => {
    const [glyph, word] = TOPOLOGY_MARKS[standingOfTopology(topology)];
    const { evaluated_at: seenAt } = topology;
    return {
      state: `${glyph} ${word}`,
      name: shortenName(cleanText(topology.topology), MAX_NAME_WIDTH),
      mode: describeMode(topology),
      seen: seenAt === null ? 'never' : formatDistance(Date.parse(seenAt), nowMs),
      words: renderWords([element('span', {}, renderInShort(topology, pauses))], styleOf(command)),
    };
  });
  return inColumns(rows, command.width) ?? rows.flatMap((row) => inWords(row, command.width));
}

interface Row {
  readonly state: string;
  readonly name: string;
  readonly mode: string;
  readonly seen: string;
  readonly words: string;
}

const TITLES: Row = { state: 'STATE', name: 'TOPOLOGY', mode: 'MODE', seen: 'SEEN', words: 'WHAT' };

/** The last column gets the rest of the terminal's width; null: that is too little. */
function inColumns(rows: readonly Row[], width: number | null): string[] | null {
  const table = [TITLES, ...rows].map(({ words, ...row }) => ({ cells: Object.values(row), words }));
  const widths = Object.keys(TITLES)
    .slice(0, -1)
    .map((_, column) => Math.max(...table.map(({ cells }) => widthOf(cells[column] ?? ''))));
  const taken = widths.reduce((sum, one) => sum + one + GAP.length, 0);
  const left = width === null ? Infinity : width - taken;
  if (left < MIN_WORDS_WIDTH) return null;
  return table.map(({ cells, words }) => {
    const padded = cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)) + GAP);
    return (padded.join('') + shortenName(words, left)).trimEnd();
  });
}

function inWords({ state, name, mode, seen, words }: Row, width: number | null): string[] {
  return wrapText(`${state}: ${name} (${mode}, seen ${seen}): ${words}`, width, '');
}
