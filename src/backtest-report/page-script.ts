// The page's own script: draws a plot when it comes into view, in the page's colours, and again when these or the width
// change. Plain text, since it runs in the reader's browser; the page loads uPlot, which it uses, before it.
import { AXIS_PX, MARGIN_PX } from './page-style.js';

export const PAGE_SCRIPT = `
'use strict';
(() => {
  const HEIGHT = 170;
  const plots = new Map();
  const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const range = JSON.parse(document.getElementById('range').textContent);
  const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
  const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--grid'), width: 1 }, ticks: { stroke: colour('--grid'), width: 1 } };

  const DAY = 86400;
  function times(_, splits, axisIndex, space, increment) {
    return splits.map((seconds, index) => {
      const [day, time] = new Date(seconds * 1000).toISOString().split('T');
      if (increment >= DAY) return day.slice(5);
      return index === 0 || seconds % DAY === 0 ? time.slice(0, 5) + '\\n' + day : time.slice(0, 5);
    });
  }

  function draw(figure) {
    if (plots.has(figure)) return;
    const target = figure.querySelector('.plot');
    const { series, data } = JSON.parse(figure.querySelector('script').textContent);
    plots.set(figure, new uPlot({
      width: target.clientWidth,
      height: HEIGHT,
      padding: [8, ${MARGIN_PX}, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      cursor: { sync: { key: figure.dataset.sync }, drag: { x: false, y: false } },
      scales: { x: { time: true, range: () => range }, y: { range: { min: { pad: 0, soft: 0, mode: 1 }, max: { pad: 0.1, soft: 0, mode: 2 } } } },
      axes: [{ ...axis, values: times }, { ...axis, size: ${AXIS_PX}, values: (_, values) => values.map((value) => value === null ? '' : short.format(value)) }],
      series: [
        { label: 'time', value: (_, seconds) => seconds === null ? '–' : new Date(seconds * 1000).toISOString().slice(0, 19) + 'Z' },
        ...series.map(({ label, isStepped }, index) => ({
          label,
          stroke: colour('--plot-' + (index + 1)),
          width: index === 1 ? 1.5 : 2,
          dash: index === 1 ? [6, 3] : [],
          points: { show: false },
          ...(isStepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
          value: (_, value) => value === null ? '–' : number.format(value),
        })),
      ],
    }, data, target));
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) draw(target);
  }, { rootMargin: '400px' });
  const sized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = plots.get(target.closest('figure'));
      if (plot && target.clientWidth > 0 && plot.width !== target.clientWidth) plot.setSize({ width: target.clientWidth, height: HEIGHT });
    }
  });
  const figures = document.querySelectorAll('figure[data-sync]');
  for (const figure of figures) {
    seen.observe(figure);
    sized.observe(figure.querySelector('.plot'));
  }
  const redraw = () => { for (const plot of plots.values()) plot.redraw(false, true); };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  addEventListener('beforeprint', () => {
    document.documentElement.dataset.paper = '';
    figures.forEach(draw);
    redraw();
  });
  addEventListener('afterprint', () => {
    delete document.documentElement.dataset.paper;
    redraw();
  });
})();
`;
