// Draws the numbers of a table; the table stays, so that nobody needs the plot.

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The place of each row, its day, and the value of its last marked cell. */
function numbers(table) {
  const rows = [...table.querySelectorAll("tbody tr")];
  const cells = (row) => [...row.querySelectorAll("td[data-value]")];
  return {
    days: rows.map((row) => Number(row.dataset.begins) * 1000),
    data: [rows.map((_row, at) => at), rows.map((row) => Number(cells(row).at(-1).dataset.value))],
  };
}

function axis(more) {
  const text = color("--pico-color");
  const line = color("--pico-muted-border-color");
  return { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "13px system-ui", ...more };
}

function options(width, days) {
  const name = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", timeZone: "UTC" });
  return {
    width,
    height: 220,
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: false, range: () => [-0.5, days.length - 0.5] },
      y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.05)] },
    },
    axes: [
      axis({ incrs: [1, 2, 3, 7], space: 64, values: (_plot, ticks) => ticks.map((at) => (at in days ? name.format(days[at]) : "")) }),
      axis({ size: 64, values: (_plot, ticks) => ticks.map((tick) => tick.toLocaleString()) }),
    ],
    series: [
      {},
      {
        label: "Tokens",
        stroke: color("--carrel-plot"),
        fill: `${color("--carrel-plot")}55`,
        width: 2,
        points: { show: false },
        paths: window.uPlot.paths.bars({ size: [0.6, 60] }),
      },
    ],
  };
}

function draw(place) {
  const { days, data } = numbers(document.querySelector(place.dataset.plot));
  place.hidden = false;
  let plot = null;
  const again = () => {
    plot?.destroy();
    plot = new window.uPlot(options(place.clientWidth, days), data, place);
  };
  new ResizeObserver(() => {
    if (!plot) again();
    else if (plot.width !== place.clientWidth) plot.setSize({ width: place.clientWidth, height: 220 });
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}

for (const place of document.querySelectorAll("[data-plot]")) draw(place);
