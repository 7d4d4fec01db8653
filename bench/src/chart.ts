import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Results, RowResult } from './results.ts';
import { shown } from './table.ts';

const BAR_WIDTH = 460;
const BAR_STEP = 18;
const LABEL_WIDTH = 420;

/** For people who do not read JSON: each figure a bar, each row and unit on its own scale. */
export async function chartOf({ rows, versions, at }: Results): Promise<string> {
  const charts = rows.flatMap((row) =>
    [...Map.groupBy(row.figures, ({ unit }) => unit).keys()].map((unit) => barsOf(row, unit)),
  );
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: `Wayledger ${versions['wayledger'] ?? ''}, ${at.slice(0, 'YYYY-MM-DD'.length)}`,
      subtitle: 'blue: Wayledger; gold: the limit it is held against; grey: Emmett',
      anchor: 'start',
    },
    background: 'white',
    vconcat: charts,
    resolve: { scale: { x: 'independent', y: 'independent', color: 'independent' } },
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

const WHOSE = [
  ['emmett', '#8a8a8a'],
  ['limit', '#c9a227'],
  ['wayledger', '#2a6f97'],
] as const;

/** Whose figure it is: ours, a peer's, or the limit it is held against. */
function whoseOf(id: string): (typeof WHOSE)[number][0] {
  if (id.includes('emmett')) return 'emmett';
  return /\/(?:raw|scan|copy)$/u.test(id) ? 'limit' : 'wayledger';
}

function barsOf({ title, figures }: RowResult, unit: string) {
  const values = figures
    .filter((figure) => figure.unit === unit)
    .map(({ id, what, value }) => ({ what, value, text: shown(value), whose: whoseOf(id) }));
  const y = {
    field: 'what',
    type: 'nominal',
    sort: null,
    axis: { title: null, labelLimit: LABEL_WIDTH, minExtent: LABEL_WIDTH },
  } as const;
  return {
    title: { text: `${title} (${unit})`, anchor: 'start' as const, fontSize: 12 },
    data: { values },
    width: BAR_WIDTH,
    height: { step: BAR_STEP },
    encoding: {
      y,
      x: { field: 'value', type: 'quantitative' as const, axis: { title: unit } },
    },
    layer: [
      {
        mark: { type: 'bar' as const },
        encoding: {
          color: {
            field: 'whose',
            type: 'nominal' as const,
            scale: { domain: WHOSE.map(([name]) => name), range: WHOSE.map(([, hue]) => hue) },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text' as const, align: 'left' as const, dx: 4 },
        encoding: { text: { field: 'text' } },
      },
    ],
  };
}
