// The look of the report: dark or light as the reader's system prefers, black on white on paper, one column on a phone.

/** Width of a plot's axis and of the margin on its other side, px: bands begin and end where the plots do. */
export const AXIS_PX = 64;
export const MARGIN_PX = 20;

const LIGHT = `
    --page: #fff; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --panel: #f6f8fa; --no: #6e7781;
    --unknown: #8250df; --symptom: #bc4c00; --diagnosis: #0550ae;
    --plot-1: #0550ae; --plot-2: #bc4c00; --plot-3: #1a7f37; --grid: #e4e8ec;`;
const DARK = `
    --page: #0d1117; --text: #e6edf3; --quiet: #9ea7b3; --line: #30363d; --panel: #161b22; --no: #7d8590;
    --unknown: #bc8cff; --symptom: #f0883e; --diagnosis: #58a6ff;
    --plot-1: #58a6ff; --plot-2: #f0883e; --plot-3: #56d364; --grid: #262c34;`;

export const PAGE_STYLE = `
  :root { color-scheme: light dark;${LIGHT}
  }
  @media (prefers-color-scheme: dark) { :root:not([data-paper]) {${DARK}
  } }
  * { box-sizing: border-box; }
  body { margin: 0 auto; max-width: 75rem; padding: 1rem; background: var(--page); color: var(--text);
    font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
  h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; padding-top: .75rem; border-top: 2px solid var(--line); }
  h3 { font-size: 1.05rem; margin: 1.5rem 0 .25rem; }
  h4 { font-size: .85rem; margin: 1rem 0 .25rem; font-weight: 600; }
  p { margin: .25rem 0; max-width: 50rem; }
  .quiet, figcaption { color: var(--quiet); font-size: .875rem; }
  a { color: var(--diagnosis); }
  nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; margin: .5rem 0; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
  .summary { width: 100%; overflow-wrap: normal; }
  .summary th, .summary td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); vertical-align: bottom; }
  .summary th { font-weight: 600; white-space: pre-line; }
  .summary th:first-child { text-align: left; }
  .gaps { font-size: .875rem; padding-left: 1.25rem; }
  .scroll + p { margin-top: 1rem; }
  .actions { max-height: 24rem; font-size: .875rem; }
  .actions ol, .actions ul { margin: .25rem 0; padding-left: 1.25rem; }
  .operator { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .25rem 1rem 1rem; margin: 1rem 0; }
  .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: .5rem 1.5rem; }
  figure { margin: 0; min-width: 0; }
  .plot { min-height: 180px; }
  .states { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: .25rem 1.5rem; }
  .state { display: grid; grid-template-columns: 1fr auto; font-size: .8125rem; margin-top: .25rem; }
  .state svg { grid-column: 1 / -1; }
  .band { display: block; width: calc(100% - ${AXIS_PX + MARGIN_PX}px); height: 12px; margin: 1px ${MARGIN_PX}px 0 ${AXIS_PX}px; }
  .state .name { padding-left: ${AXIS_PX}px; }
  .state .share { padding-right: ${MARGIN_PX}px; color: var(--quiet); }
  .key { display: inline-block; width: 3rem; height: 12px; margin: 0 .35rem 0 0; vertical-align: -1px; }
  .key + span { margin-right: 1.25rem; }
  .no { fill: var(--no); }
  .unknown { fill: var(--unknown); }
  .symptom .yes { fill: var(--symptom); }
  .diagnosis .yes { fill: var(--diagnosis); }
  .u-legend { font-size: .8125rem; text-align: left; }
  .u-legend .u-value { min-width: 4.5em; text-align: left; }
  footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .5rem; }
  @media (max-width: 40rem) { body { padding: .75rem; } .state .name { padding-left: 0; } .operator { padding: .25rem .5rem .75rem; margin-inline: -.25rem; } }
  @media print {
    body { max-width: none; padding: 0; font-size: 10pt; }
    nav { display: none; }
    .operator { border: 0; padding: 0; background: none; }
    .scroll { overflow: visible; max-height: none; }
    .summary { font-size: 7.5pt; }
    .summary th, .summary td { padding: .15rem .3rem; }
    figure, .state { break-inside: avoid; }
    h2, h3, h4 { break-after: avoid; }
  }
`;
