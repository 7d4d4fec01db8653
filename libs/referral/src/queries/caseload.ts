import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { daysBetween, type CivilDate, type ReferralId, type Slug } from '#kernel';
import { IdentityReader } from './identity.js';
import { ViewsDatabase, reading, unpackJson } from '#projection';
import { NOTHING_ASKED, asksOf, type Asks } from '../domain/asks.js';
import { Schemes } from '../domain/scheme.js';
import type { Referral, ReferralStatus } from '../domain/state.js';
import { caseload, type NextAction } from '../projections/caseload.js';

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
  ) {
    super();
  }
}

const FAR_AWAY = '9999-12-31';

@QueryHandler(CaseloadQuery)
export class CaseloadHandler implements IQueryHandler<CaseloadQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly identities: IdentityReader,
    private readonly schemes: Schemes,
  ) {}

  async execute({ linkWorker, today, referrer }: CaseloadQuery) {
    const rows = await reading(this.views, caseload, (query, table) =>
      query
        .selectFrom(table('caseload'))
        .selectAll()
        .where((all) =>
          all.and({
            ...(linkWorker && { link_worker: linkWorker }),
            ...(referrer && { referrer }),
          }),
        )
        .where('status', 'not in', ['closed', 'declined'])
        .orderBy('referral')
        .execute(),
    );
    const items = await Promise.all(rows.map((row) => this.itemOf(row, today)));
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

  private async itemOf(
    row: Record<string, string | bigint | null>,
    today: CivilDate,
  ): Promise<CaseloadItem> {
    const day = (column: string) => row[column] as CivilDate | null;
    const received = row['received'] as CivilDate;
    const nextActionOn = day('next_action_on');
    const state = unpackJson(row['state']) as Referral;
    return {
      referral: row['referral'] as ReferralId,
      name: await this.identities.nameOf(String(row['identity'])),
      status: row['status'] as ReferralStatus,
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
