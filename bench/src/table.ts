import type { Results } from './results.ts';

const MARKS = { aim: '✔ aim reached', reached: '✔ reached', short: '✘ short' } as const;

/** A figure as people read it: three digits that count, thousands apart. */
export function shown(value: number): string {
  return value.toLocaleString('en-GB', {
    maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0,
  });
}

/** All there is to see, as one table of plain text. */
export function tableOf({ machine, versions, rows, verdicts, options }: Results): string {
  const parts = [
    `${machine.cpu}, ${machine.cores} cores, ${shown(machine.memoryMb)} MB; a write is on disk in ` +
      `${shown(machine.diskSyncMs.p50)} ms (p99 ${shown(machine.diskSyncMs.p99)})`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ];
  for (const { title, figures, failed } of rows) {
    parts.push('', title);
    if (failed !== undefined) parts.push(`  FAILED: ${failed}`);
    const lines = figures.map(({ what, value, unit, note = '' }) => [
      `  ${what}`,
      ...[shown(value), unit, note],
    ]);
    parts.push(...aligned(lines, [1]));
  }
  if (verdicts.length > 0) {
    parts.push('', 'Beside what it must reach');
    const head = ['  what', 'at least', 'aim', 'here', '', ''];
    const lines = verdicts.map(({ what, least, aim, sense, unit, reached, mark }) => {
      const limit = (value: number | undefined) =>
        value === undefined ? '' : `${sense === 'at-most' ? '≤ ' : ''}${shown(value)}`;
      return [`  ${what}`, limit(least), limit(aim), shown(reached), unit, MARKS[mark]];
    });
    parts.push(...aligned([head, ...lines], [1, 2, 3]));
  }
  if (options.quick) parts.push('', '--quick: these figures mean nothing.');
  return `${parts.join('\n')}\n`;
}

/** Columns below each other; those of numbers to the right. */
function aligned(lines: readonly (readonly string[])[], numbers: readonly number[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return numbers.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
