import { randomUUID } from 'node:crypto';
import { giveLine } from '#dist/apps/cli/src/importer.js';
import type { Wayledger } from '#engine';
import { FileNames, readLine } from '#interop';
import type { Instant } from '#kernel';

const DAY = '2026-05-04';
const RECORDED_AT = `${DAY}T12:00:00.000Z` as Instant;
/** More than any run can spend, in pence. */
const BUDGET = 1_000_000_000_000;
/** As many as SPRING has. */
const ANCHORS = 15;

interface Line {
  readonly command: string;
  readonly role?: string;
  readonly organisation?: string;
  readonly data: object;
}

export const anchorOf = (number: number): string => `anchor-${number % ANCHORS}`;

/** What each anchor needs before anybody is referred to it. */
function groundwork(anchor: string): readonly Line[] {
  const garden = `${anchor}-garden`;
  const service = `${anchor}-gardening`;
  const organisation = (name: string, roles: readonly string[]): Line => ({
    ...{ command: 'RegisterOrganisation', role: 'anchor' },
    data: { organisation: name, name, roles },
  });
  return [
    organisation(anchor, ['anchor']),
    organisation(garden, ['provider']),
    ...[
      { command: 'RegisterLinkWorker', data: { linkWorker: `${anchor}-lw`, employer: anchor } },
      { command: 'RegisterService', data: { service, provider: garden, name: 'Gardening' } },
      {
        command: 'SignAgreement',
        data: {
          ...{ agreement: `${anchor}-terms`, payer: anchor, payee: garden, services: [service] },
          components: [
            { component: 'sessions', trigger: 'session-attended', amount: 1_250 },
            { component: 'no-show', trigger: 'session-missed', amount: 625, limit: 2 },
          ],
        },
      },
      {
        command: 'ReceiveFund',
        data: { anchor, fund: 'lottery', funder: 'lottery-fund', amount: BUDGET },
      },
      {
        command: 'OpenBudget',
        data: {
          ...{ anchor, fund: 'lottery', year: 2026 },
          pots: [{ pot: 'prescribing', amount: BUDGET }],
        },
      },
    ].map((line) => ({ ...line, role: 'anchor' })),
  ];
}

/** One person's way: ten commands, of which one reserves money and three draw it. */
function lifeOf(anchor: string): readonly Line[] {
  const referral = randomUUID();
  const prescription = randomUUID();
  const garden = `${anchor}-garden`;
  const attendance = (number: number): Line => ({
    ...{ command: 'RecordAttendance', role: 'provider', organisation: garden },
    data: { referral, prescription, session: randomUUID(), number },
  });
  const contact: Line = {
    command: 'RecordContact',
    data: { referral, mode: 'phone', minutes: 20, note: 'asked after the garden' },
  };
  return [
    {
      command: 'Refer',
      data: {
        ...{ referral, person: randomUUID(), anchor, scheme: 'spring', route: 'self' },
        ...{ name: 'Fergus Doherty', contact: '07700 900146', needs: ['loneliness'] },
      },
    },
    { command: 'AcceptReferral', role: 'anchor', data: { referral, by: 'anchor' } },
    {
      command: 'AssignLinkWorker',
      role: 'anchor',
      data: { referral, linkWorker: `${anchor}-lw` },
    },
    contact,
    {
      command: 'Prescribe',
      data: {
        ...{ referral, prescription, service: `${anchor}-gardening`, provider: garden },
        plannedSessions: 6,
      },
    },
    ...[1, 2, 3].map(attendance),
    contact,
    contact,
  ];
}

/** What the commands of invented people are given to. */
export class Lives {
  private readonly names = new FileNames('bench');
  private readonly wayledger: Wayledger;

  constructor(wayledger: Wayledger) {
    this.wayledger = wayledger;
  }

  async prepare(): Promise<void> {
    for (let number = 0; number < ANCHORS; number += 1) {
      for (const line of groundwork(anchorOf(number))) await this.give(anchorOf(number), line);
    }
  }

  /** One caller's commands, one after the other, a person after the other. */
  *commands(caller: number): Generator<() => Promise<bigint>, never, undefined> {
    for (let person = caller; ; person += 1) {
      const anchor = anchorOf(person);
      for (const line of lifeOf(anchor)) yield () => this.give(anchor, line);
    }
  }

  /** The position of what it wrote. A refusal here is a mistake of the bench, and ends it. */
  private async give(anchor: string, line: Line): Promise<bigint> {
    const { command, role = 'link-worker', organisation = anchor, data } = line;
    const actor = { id: `${anchor}-lw`, role, organisation };
    const text = JSON.stringify({ id: randomUUID(), command, at: DAY, actor, data });
    const read = readLine(text);
    if (!('command' in read)) throw new Error(`${command}: ${JSON.stringify(read)}`);
    const given = await giveLine(this.wayledger, read, this.names, RECORDED_AT);
    if (given.status === 'refused') throw new Error(`${command}: ${JSON.stringify(given.reasons)}`);
    return given.position;
  }
}
