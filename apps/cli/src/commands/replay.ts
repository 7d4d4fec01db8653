import { InvalidArgumentError, type Command } from 'commander';
import { CommandRefused, dayOf, refuse, type EventId, type JsonObject } from '#kernel';
import type { Position } from '#event-log';
import { tellStory, type StoryStep, type StoryTold } from '#audit';
import { EntriesQuery } from '#funding';
import { FindReferralQuery, type FoundReferral } from '#referral';
import { EXIT, bad, bold, dim, print, printJson, struck } from '../terminal/output.js';
import type { Wayledger } from '#engine';
import { catchUpShown, withExisting, type CommonOptions } from './common.js';
import { knownByOf, withKnownAt, type KnownAtFlag } from './known-at.js';

export function addReplay(program: Command): void {
  withKnownAt(program.command('replay'))
    .summary('the story of one referral, with the money each step moved')
    .description(
      'Tells the story of a referral, one sentence a fact: when it happened and when it was ' +
        'recorded, by whom, what it made of the referral, and the money it moved. What was ' +
        'corrected later is shown as such; protected values are shown as long as the key exists.',
    )
    .argument('<referral>', 'the id of the referral, or enough of its beginning', beginningArgument)
    .action(async (id: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions & KnownAtFlag>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const found = await find(wayledger, id);
        const knownBy = await knownByOf(wayledger, found.anchor, flags);
        const story = await storyOf(wayledger, found, knownBy);
        const knownAt = flags.knownAt?.text;
        if (flags.json === true) await printJson({ ...story, knownAt, knownBy });
        else await print(storyText(story, knownAt));
        return EXIT.done;
      });
    });
}

/** The story of a referral with its money, as far as it was known at a place of the log. */
export function storyOf(
  wayledger: Wayledger,
  found: FoundReferral,
  knownBy?: Position,
): Promise<StoryTold> {
  const { log, codec, keys } = wayledger;
  const entries = (events: readonly EventId[]) =>
    wayledger.query(new EntriesQuery(found.anchor, { events, knownBy }));
  return tellStory({ log, codec, keys, entries }, found, knownBy);
}

function beginningArgument(text: string): string {
  if (text.trim() !== '') return text.toLowerCase();
  throw new InvalidArgumentError('The id of a referral, or enough of its beginning.');
}

/** @throws CommandRefused where no referral begins so, or several do */
async function find(wayledger: Wayledger, beginning: string): Promise<FoundReferral> {
  const found = await wayledger.query(new FindReferralQuery(beginning));
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  const why =
    first === undefined
      ? `There is no referral ${beginning}: "caseload --json" and "import --names" print ids.`
      : `More than one referral begins with ${beginning}: ` +
        `${found.map(({ referral }) => referral).join(', ')}. Give more of the id.`;
  throw new CommandRefused([refuse('no-such-referral', why, { field: 'referral' })]);
}

function storyText({ referral, anchor, status, steps }: StoryTold, knownAt?: string): string {
  const known = knownAt === undefined ? '' : `, as known at ${knownAt}`;
  const title = `${bold(`Referral ${referral} of ${anchor}`)}${known}`;
  if (steps.length === 0) return `${title}\nNothing was known of it yet.\n`;
  return `${title}: ${status ?? 'not received'}\n\n${steps.map(stepText).join('\n')}`;
}

function stepText(step: StoryStep): string {
  const { event, occurred, recordedAt, by, sentence, before, after, corrected, money } = step;
  const moved = before === after ? '' : ` [${before ?? 'nothing'} → ${after ?? 'nothing'}]`;
  const lines = [
    `${bold(occurred)} (recorded ${dayOf(recordedAt)}), ${by.role} of ${by.organisation}` +
      dim(`  ${event}`),
    `  ${corrected?.kind === 'void' ? struck(sentence) : sentence}${moved}`,
  ];
  if (corrected !== undefined) {
    const { kind, on, by: who, event: correction } = corrected;
    const what = kind === 'void' ? 'voided' : 'amended';
    lines.push(
      `  ${bad('✗')} later ${what} on ${on} by ${who.role} of ${who.organisation} (${correction})`,
    );
  }
  if (step.protected !== undefined) lines.push(`  ${protectedText(step.protected)}`);
  for (const entry of money) {
    const day = entry.occurred === occurred ? '' : ` on ${entry.occurred}`;
    const posted = entry.posted === entry.occurred ? '' : `, posted ${entry.posted}`;
    const of = entry.corrects === undefined ? '' : `, corrects ${entry.corrects}`;
    lines.push(`  £ ${entry.rule.replaceAll('-', ' ')}${day}${posted}${of}:`);
    for (const words of entry.moved) lines.push(`      ${words}`);
  }
  return `${lines.join('\n')}\n`;
}

function protectedText(values: JsonObject | 'erased' | 'unreadable'): string {
  if (typeof values === 'string') return dim(`(${values})`);
  return Object.entries(values)
    .map(
      ([field, value]) => `${field}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join('; ')
    .replace(/\p{Cc}/gu, '\uFFFD');
}
