import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { daysBetween, type CivilDate, type ReferralId, type Slug } from '#kernel';
import { ViewsDatabase, reading, unpackJson, type StoredRow } from '#projection';
import { Referrals } from '../commands/referrals.js';
import { queriesOf, statusOf, type Referral, type ReferralStatus } from '../domain/state.js';
import { caseloadRow, type NextAction } from '../projections/caseload.js';
import type { SealedIdentities } from '../projections/identity.js';
import { referral as projection } from '../projections/referral.js';
import { IdentityReader } from './identity.js';
import { knownOf, type KnownBy } from './known.js';
import { NOTHING_ASKED, asksOf, type Asks } from '../domain/asks.js';
import { Schemes } from '../domain/scheme.js';

export interface CaseloadItem {
  readonly referral: ReferralId;
  /** `erased` once the person's key is gone; `null` where none was given. */
  readonly name: string | null;
  readonly status: ReferralStatus;
  readonly received: CivilDate;
  readonly nextAction: NextAction | null;
  readonly nextActionOn: CivilDate | null;
  readonly overdue: boolean;
  /** Until the first contact, counted to the day asked for; `null` after it. */
  readonly daysWaiting: number | null;
  readonly lastContact: CivilDate | null;
  readonly plannedContact: CivilDate | null;
  readonly contacts: number;
  readonly minutes: number;
  readonly livePrescriptions: number;
  readonly consent: boolean;
  readonly tier: Slug | null;
  /** What the scheme asks for and is still open; nothing waits for it. */
  readonly asks: Asks;
  /** Sessions of which two registers say otherwise. */
  readonly queries: number;
  readonly lastChange: string;
  readonly lastChangeOn: CivilDate;
}

/** Whose referrals: of a link worker, of a referrer, or of both at once. */
export interface CaseloadOf {
  readonly linkWorker?: Slug | undefined;
  readonly referrer?: Slug | undefined;
}

export interface Caseload extends CaseloadOf {
  readonly today: CivilDate;
  /** By next action, overdue first. */
  readonly items: readonly CaseloadItem[];
  readonly totals: {
    readonly open: number;
    readonly overdue: number;
    readonly waitingForFirstContact: number;
    readonly livePrescriptions: number;
  };
}

/** Whose turn is it today: the open referrals of one link worker, or of one practice. */
export class CaseloadQuery extends Query<Caseload> {
  constructor(
    readonly linkWorker: Slug | undefined,
    readonly today: CivilDate,
    readonly referrer?: Slug,
    /** As it was known: how far in the log each anchor knew. */
    readonly knownBy?: KnownBy,
  ) {
    super();
  }
}

function columnsOf({ linkWorker, referrer }: CaseloadOf): Record<string, Slug> {
  return { ...(linkWorker && { link_worker: linkWorker }), ...(referrer && { referrer }) };
}

/** An open referral as the caseload has it, now or then. */
interface Seen {
  readonly row: StoredRow;
  readonly status: ReferralStatus;
  readonly state: Referral;
  readonly identity: SealedIdentities;
}

const FAR_AWAY = '9999-12-31';

@QueryHandler(CaseloadQuery)
export class CaseloadHandler implements IQueryHandler<CaseloadQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly identities: IdentityReader,
    private readonly schemes: Schemes,
    private readonly referrals: Referrals,
  ) {}

  async execute({ linkWorker, today, referrer, knownBy }: CaseloadQuery): Promise<Caseload> {
    const of = { linkWorker, referrer };
    const open = knownBy === undefined ? await this.openNow(of) : await this.openThen(of, knownBy);
    const items = await Promise.all(open.map((seen) => this.itemOf(seen, today)));
    items.sort((a, b) => {
      const [x, y] = [a.nextActionOn ?? FAR_AWAY, b.nextActionOn ?? FAR_AWAY];
      return x < y ? -1 : x > y ? 1 : a.received < b.received ? -1 : 1;
    });
    const count = (is: (item: CaseloadItem) => boolean) => items.filter(is).length;
    return {
      linkWorker,
      referrer,
      today,
      items,
      totals: {
        open: items.length,
        overdue: count(({ overdue }) => overdue),
        waitingForFirstContact: count(({ daysWaiting }) => daysWaiting !== null),
        livePrescriptions: items.reduce((total, item) => total + item.livePrescriptions, 0),
      },
    };
  }

  private async openNow(of: CaseloadOf): Promise<Seen[]> {
    const rows = await reading(this.views, projection, (query, table) =>
      query
        .selectFrom(`${table('caseload')} as c`)
        .innerJoin(`${table('referral')} as r`, 'r.referral', 'c.referral')
        .selectAll('c')
        .select(['r.status', 'r.state', 'r.identity'])
        .where((all) => all.and(columnsOf(of)))
        .where('c.is_open', '=', 1n)
        .orderBy('c.referral')
        .execute(),
    );
    return rows.map((row) => ({
      row,
      status: row['status'] as ReferralStatus,
      state: unpackJson(row['state']) as Referral,
      identity: unpackJson(row['identity']) as SealedIdentities,
    }));
  }

  /** Of every referral that was ever theirs, as far as its facts were known then. */
  private async openThen(of: CaseloadOf, knownBy: KnownBy): Promise<Seen[]> {
    const ever = await reading(this.views, projection, (query, table) => {
      const { linkWorker, referrer } = of;
      const theirs =
        linkWorker === undefined
          ? query.selectFrom(`${table('caseload')} as c`).where('c.referrer', '=', referrer ?? '')
          : query.selectFrom(`${table('assigned')} as c`).where('c.link_worker', '=', linkWorker);
      return theirs
        .innerJoin(`${table('referral')} as r`, 'r.referral', 'c.referral')
        .select(['r.referral', 'r.anchor'])
        .orderBy('r.referral')
        .execute();
    });
    const seen: Seen[] = [];
    for (const { referral, anchor } of ever) {
      const id = referral as ReferralId;
      const { facts } = await this.referrals.load(id);
      const known = knownOf(facts, await knownBy(anchor as Slug));
      if (known === null) continue;
      const { state, latest, identity } = known;
      const row = caseloadRow(id, state, latest);
      const status = statusOf(state);
      const isTheirs = Object.entries(columnsOf(of)).every(([column, is]) => row[column] === is);
      if (isTheirs && row['is_open'] === 1n) seen.push({ row, status, state, identity });
    }
    return seen;
  }

  private async itemOf(seen: Seen, today: CivilDate): Promise<CaseloadItem> {
    const { row, status, state, identity } = seen;
    const day = (column: string) => row[column] as CivilDate | null;
    const received = row['received'] as CivilDate;
    const nextActionOn = day('next_action_on');
    return {
      referral: row['referral'] as ReferralId,
      name: await this.identities.nameOf(identity, state),
      status,
      received,
      nextAction: row['next_action'] as NextAction | null,
      nextActionOn,
      overdue: nextActionOn !== null && nextActionOn < today,
      daysWaiting: row['first_contact'] === null ? daysBetween(received, today) : null,
      lastContact: day('last_contact'),
      plannedContact: day('planned_contact'),
      contacts: Number(row['contacts']),
      minutes: Number(row['minutes']),
      livePrescriptions: Number(row['live_prescriptions']),
      consent: row['has_consent'] === 1n,
      tier: state.tier ?? null,
      asks: this.asksOf(state, today),
      queries: state.prescriptions.flatMap(queriesOf).length,
      lastChange: String(row['last_change']),
      lastChangeOn: row['last_change_on'] as CivilDate,
    };
  }

  /** A scheme whose file is gone asks for nothing: the list is shown all the same. */
  private asksOf(state: Referral, today: CivilDate): Asks {
    const { name, version } = state.scheme;
    const pinned = this.schemes.version(name, version);
    if (pinned === undefined) return NOTHING_ASKED;
    const ofDay = pinned.capsFollow === 'day' ? this.schemes.inForce(name, today) : undefined;
    return asksOf(state, pinned, ofDay ?? pinned, today);
  }
}
