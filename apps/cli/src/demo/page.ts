import { monthOf } from '#kernel';
import type { SimulationOptions } from '#simulation';
import type { Wayledger } from '#engine';
import { funnelText } from '../commands/funnel.js';
import { conclusion } from '../commands/verify.js';
import type { LoadSummary } from '../loader.js';
import { wrapped } from '../terminal/charts.js';
import { bad, bold, dim, good } from '../terminal/output.js';
import type { DemoFacts } from './gather.js';
import { moneyText } from './money.js';
import { morningText } from './morning.js';
import { tellingText } from './telling.js';

const TEXT_COLUMNS = 78;

export function titleText({ scenario, areas, years }: SimulationOptions): string {
  const many = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const name = scenario === 'spring' ? 'SPRING' : 'NHS Highland';
  return (
    `${bold(`Wayledger: ${many(areas, 'area')}, ${many(years, 'year')} of ${name}`)}\n` +
    dim(
      wrapped(
        'Every person, provider and price here is invented; how many people come, how often they ' +
          'are met and how many stop follows published figures where there are any.',
        TEXT_COLUMNS,
      ),
    )
  );
}

/** How the lines came into the log, `null` where they were all there. */
export interface Loaded {
  readonly summary: LoadSummary;
  /** A run before this one was cut off. */
  readonly wentOn: boolean;
}

export function loadedText(loaded: Loaded | null, { events }: DemoFacts): string {
  if (loaded === null) {
    return `It was loaded before: ${count(events)} facts are in the log, and none was added.\n`;
  }
  const { wentOn, summary } = loaded;
  const { lines, unchanged, refused, refusals, seconds } = summary;
  const known = wentOn ? `, ${count(unchanged)} of them known from a run that was cut off` : '';
  const perSecond = Math.round(lines / Math.max(seconds, 0.001));
  const why = refusals.map(({ anchor, id, reasons }) => {
    const line = `${anchor}, ${id ?? 'a line'}: ${reasons.map(({ message }) => message).join(' ')}`;
    return wrapped(`${bad('✗')} ${line}`, TEXT_COLUMNS, '  ');
  });
  const told =
    `${good(count(lines))} commands${known}, ${refused === 0 ? 'none' : bad(count(refused))} ` +
    `refused: ${count(events)} facts, each on disk before its answer, in ${seconds.toFixed(1)} s ` +
    `(${count(perSecond)} commands a second).`;
  return wrapped(told, TEXT_COLUMNS) + why.join('');
}

/** `12,345` */
function count(value: number): string {
  return value.toLocaleString('en-GB');
}

export async function pageText(
  wayledger: Pick<Wayledger, 'query'>,
  facts: DemoFacts,
  where: string,
): Promise<string> {
  const { funnel, money, morning, told } = facts;
  const parts = [
    `${bold('What became of the people')}\n${funnelText(funnel)}`,
    moneyText(money),
    morning === null
      ? 'Nobody has an open referral.\n'
      : `${bold("A link worker's morning")}\n${await morningText(wayledger, morning)}`,
    told === null
      ? 'No referral has money, a missed session, a correction and a drop-out all at once.\n'
      : tellingText(told.telling, told.story),
    checksText(facts),
    lookAroundText(facts, where),
  ];
  return parts.join('\n');
}

function checksText({ checks }: DemoFacts): string {
  const failed = checks.filter(({ ok }) => !ok);
  const held = told(checks.filter(({ ok }) => ok).map(({ name }) => name));
  const wrong = failed.map(
    ({ name, details }) =>
      `${bad('✗')} ${name}\n${details.map((each) => `    ${each}\n`).join('')}`,
  );
  return (
    `${bold('Proven from the log, not taken from the books')}\n` +
    dim(wrapped(`${held.join('; ')}.`, TEXT_COLUMNS, '  ')) +
    wrong.join('') +
    conclusion(checks.length, failed.length)
  );
}

/** What is said of several read models, once: `referral, volumes: rebuilt equals live`. */
function told(names: readonly string[]): string[] {
  const subjects = new Map<string, string[]>();
  for (const name of names) {
    const [, subject, said] = /^(\w+)(: .+)$/u.exec(name) ?? [];
    const key = said ?? name;
    subjects.set(key, [...(subjects.get(key) ?? []), ...(subject === undefined ? [] : [subject])]);
  }
  return [...subjects].map(([said, of]) => `${of.join(', ')}${said}`);
}

/** Commands that work on this very data. */
export function lookAround(facts: DemoFacts): readonly string[] {
  const { anchors, money, morning, told, today } = facts;
  const anchor = told?.telling.anchor ?? anchors[0]; // A demo has an area.
  const provider = money.providers.find((each) => each.anchor === anchor)?.provider;
  const month = monthOf(today);
  return [
    ...(told === null ? [] : [`replay ${told.telling.referral.slice(0, 8)}`]),
    `funnel --anchor ${anchor}`,
    ...(morning === null
      ? []
      : [`caseload --link-worker ${String(morning.linkWorker)} --today ${today}`]),
    ...(provider === undefined
      ? []
      : [`statement --anchor ${anchor} --provider ${provider} --period ${month}`]),
    `balances --anchor ${anchor} --known-at ${month}-01`,
    `export journal --anchor ${anchor}`,
    'verify',
  ];
}

function lookAroundText(facts: DemoFacts, where: string): string {
  const commands = lookAround(facts).map((command) => `  npx wayledger ${command} ${where}\n`);
  return `${bold('Look around')}\n${commands.join('')}`;
}
