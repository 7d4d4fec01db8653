import {
  CommandRefused,
  Day,
  Optional,
  SlugOf,
  dayOf,
  isCivilDate,
  refuse,
  type CivilDate,
  type ReferralId,
  type Slug,
} from '#kernel';
import { tellStory } from '#audit';
import { EntriesQuery } from '#funding';
import {
  CaseloadQuery,
  ClocksQuery,
  FindReferralQuery,
  FunnelQuery,
  PlacesQuery,
  ReferralQuery,
  VolumesQuery,
  type Prescription,
  type ReferralView,
  type Timer,
  type Volume,
} from '#referral';
import { dayOfCut, readKnownAt, type Wayledger } from '#engine';
import { ProblemRaised } from '../problems/problem.js';
import { PAGE_ITEMS_DEFAULT } from '../limits.js';
import { cursorRefused, pageByKey, pageByPlace, type Place } from './paging.js';
import {
  BeginningField,
  KnownAtField,
  OneReferral,
  PagedReading,
  Reading,
  UuidField,
} from './parameters.js';
import {
  caseloadAnswer,
  clocksAnswer,
  foundAnswer,
  funnelAnswer,
  historyAnswer,
  placesAnswer,
  referralAnswer,
  volumesAnswer,
} from './referral-answers.js';
import { cutOf, queryRoute, type Books } from './route.js';

class FindReferralParameters extends Reading {
  @BeginningField() beginning!: string;
}

const findReferral = queryRoute({
  path: '/v1/referral/referrals',
  name: 'FindReferral',
  summary: 'The referrals whose id begins so: the first five.',
  parameters: FindReferralParameters,
  answer: foundAnswer,
  async find({ wayledger }, { beginning }) {
    return { body: { found: await wayledger.query(new FindReferralQuery(beginning)) } };
  },
});

const referral = queryRoute({
  path: '/v1/referral/referrals/{referral}',
  name: 'Referral',
  summary: 'One referral as it stands, or as it was known.',
  description: 'The ETag is its version, for If-Match. Of the past there is none.',
  parameters: OneReferral,
  answer: referralAnswer,
  refuses: [404],
  hasVersion: true,
  async find(books, { referral: id, knownAt }) {
    const known = knownAt === undefined ? undefined : await cutOf(books, knownAt);
    const view = await books.wayledger.query(new ReferralQuery(id, known));
    if (view === null) throw noSuchReferral();
    const body = { ...viewOf(view), knownAt };
    return knownAt === undefined ? { body, version: view.version } : { body };
  },
});

function viewOf({ referral, version, status, name, queries, state }: ReferralView) {
  const { person, anchor, area, scheme, kind, referrer, receivedOn, ageAtReferral } = state;
  const { firstContactDueOn, eligible, acceptedBy, declinedBy, linkWorker, consent } = state;
  const { tier, levelOfSupport, planAgreedOn, planAmendedOn, firstContactOn } = state;
  const { lastContactOn, followUpDueOn, plannedContact, contacts, minutes, concerns } = state;
  const { droppedOutOn, endedOn, reopenedOn } = state;
  return {
    ...{ referral, version, status, name, queries, person, anchor, area, scheme, kind, referrer },
    ...{ receivedOn, ageAtReferral, firstContactDueOn, eligible, acceptedBy, declinedBy },
    ...{ linkWorker, consent, tier, levelOfSupport, planAgreedOn, planAmendedOn },
    ...{ plannedContact, firstContactOn, lastContactOn, followUpDueOn, contacts, minutes },
    concerns,
    offers: state.offers.map(({ offer, service, provider, answer }) => {
      return { offer, service, provider, answer };
    }),
    prescriptions: state.prescriptions.map(prescriptionOf),
    ...{ droppedOutOn, endedOn, reopenedOn },
  };
}

function prescriptionOf(one: Prescription) {
  const { prescription, offer, continues, service, provider, status, prescribedOn } = one;
  const { endedOn, plannedSessions, levelOfSupport, priced, sessions } = one;
  return {
    ...{ prescription, offer, continues, service, provider, status, prescribedOn, endedOn },
    ...{ plannedSessions, levelOfSupport, commitment: priced?.commitment.amount },
    sessions: sessions.map(({ session, number, outcome, on, event }) => {
      return { session, number, outcome, on, event };
    }),
  };
}

function noSuchReferral(): ProblemRaised {
  const message = 'There is no such referral (or nothing was known of it then): check its id.';
  return new ProblemRaised([refuse('no-such-referral', message, { field: 'referral' })]);
}

class HistoryParameters extends PagedReading {
  @UuidField('referral') referral!: ReferralId;
  @KnownAtField() @Optional() knownAt?: string;
}

const history = queryRoute({
  path: '/v1/referral/referrals/{referral}/history',
  name: 'History',
  summary: 'The story of a referral in sentences, with the money each fact moved.',
  description:
    'When each fact happened and when it was recorded, by whom, and what it made of the referral. ' +
    'All pages are as of one place of the log.',
  parameters: HistoryParameters,
  answer: historyAnswer,
  refuses: [404],
  async find(books, { referral: id, knownAt, limit }) {
    const { wayledger, from } = books;
    const view = await wayledger.query(new ReferralQuery(id));
    if (view === null) throw noSuchReferral();
    const { anchor } = view.state;
    const knownBy = await (await cutOf(books, knownAt))(anchor);
    const { log, codec, keys } = wayledger;
    const told = await tellStory(
      {
        ...{ log, codec, keys },
        entries: (events) => wayledger.query(new EntriesQuery(anchor, { events, knownBy })),
      },
      { referral: id, anchor },
      knownBy,
    );
    const { items, after } = pageByPlace(told.steps, { after: from?.after, limit });
    const position = from?.position ?? knownBy;
    return {
      body: { ...told, knownAt, knownBy, steps: items },
      next: after === null ? undefined : { position, after },
    };
  },
});

class CaseloadParameters extends PagedReading {
  @SlugOf('link worker') @Optional() linkWorker?: Slug;
  @SlugOf('organisation') @Optional() referrer?: Slug;
  @Day('the day to look from: today, or that of knownAt, unless given')
  @Optional()
  today?: CivilDate;
  @KnownAtField() @Optional() knownAt?: string;
}

const caseload = queryRoute({
  path: '/v1/referral/caseload',
  name: 'Caseload',
  summary: "A link worker's open referrals, or a referrer's, by what is due.",
  description:
    'Give linkWorker, referrer or both. What does not fit one page is answered as of one place ' +
    'of the log, all pages from the same day.',
  parameters: CaseloadParameters,
  answer: caseloadAnswer,
  refuses: [404],
  async find(books, parameters) {
    const { linkWorker, referrer, knownAt, limit } = parameters;
    if (linkWorker === undefined && referrer === undefined) {
      const message = 'Say whose caseload: linkWorker, referrer or both.';
      throw new CommandRefused([refuse('wrong-field', message, { field: 'linkWorker' })]);
    }
    const { wayledger, fresh, from } = books;
    const [begunOn, after] = from?.after.split(' ') ?? [];
    if (begunOn !== undefined && !isCivilDate(begunOn)) throw cursorRefused();
    const today = begunOn ?? (await dayOfList(wayledger, parameters));
    const ask = async (isCut: boolean) => {
      const cut = isCut ? await cutOf(books, knownAt) : undefined;
      return wayledger.query(new CaseloadQuery(linkWorker, today, referrer, cut));
    };
    const isCut = knownAt !== undefined || from !== undefined;
    const asItStands = await ask(isCut);
    const fits = asItStands.items.length <= (limit ?? PAGE_ITEMS_DEFAULT);
    const list = isCut || fits ? asItStands : await ask(true);
    const page = pageByPlace(list.items, { after, limit });
    const position = from?.position ?? fresh.position;
    return {
      body: { ...list, knownAt, items: page.items },
      next: page.after === null ? undefined : { position, after: `${today} ${page.after}` },
    };
  },
});

async function dayOfList(
  wayledger: Wayledger,
  { today, knownAt }: CaseloadParameters,
): Promise<CivilDate> {
  if (today !== undefined) return today;
  const known = knownAt === undefined ? null : readKnownAt(knownAt);
  const cut = known === null ? null : await dayOfCut(wayledger, known);
  return cut ?? dayOf(wayledger.clock.now());
}

class PlacesParameters extends PagedReading {
  @SlugOf('provider') provider!: Slug;
}

const places = queryRoute({
  path: '/v1/referral/places',
  name: 'Places',
  summary: "A provider's places, service by service: taken, free, and who waits for one.",
  description: 'By service, a key that stays: each page is as things stand when it is asked for.',
  parameters: PlacesParameters,
  answer: placesAnswer,
  async find({ wayledger, fresh, from }, { provider, limit }) {
    const services = await wayledger.query(new PlacesQuery(provider));
    const page = pageByKey(services, ({ service }) => service, { after: from?.after, limit });
    return { body: { provider, services: page.items }, next: nextOf(page.after, fresh) };
  },
});

const clocks = queryRoute({
  path: '/v1/referral/clocks',
  name: 'Clocks',
  summary: 'What will fall due by itself, the earliest first.',
  description: 'By keys that stay: each page is as things stand when it is asked for.',
  parameters: PagedReading,
  answer: clocksAnswer,
  async find({ wayledger, fresh, from }, { limit }) {
    const timers = await wayledger.query(new ClocksQuery());
    const page = pageByKey(timers, keyOfTimer, { after: from?.after, limit });
    return { body: { timers: page.items }, next: nextOf(page.after, fresh) };
  },
});

const keyOfTimer = ({ lastDay, referral, what, prescription, component }: Timer) =>
  [lastDay, referral, what, prescription, component].join(' ');

class VolumesParameters extends PagedReading {
  @SlugOf('anchor') anchor!: Slug;
}

const volumes = queryRoute({
  path: '/v1/referral/volumes',
  name: 'Volumes',
  summary: 'How many referrals came, by month, route and referrer.',
  description: 'By keys that stay: each page counts as things stand when it is asked for.',
  parameters: VolumesParameters,
  answer: volumesAnswer,
  async find({ wayledger, fresh, from }, { anchor, limit }) {
    const all = await wayledger.query(new VolumesQuery(anchor));
    const page = pageByKey(all, keyOfVolume, { after: from?.after, limit });
    return { body: { anchor, volumes: page.items }, next: nextOf(page.after, fresh) };
  },
});

const keyOfVolume = ({ month, route, referrer }: Volume) => [month, route, referrer].join(' ');

class FunnelParameters extends Reading {
  @SlugOf('anchor') @Optional() anchor?: Slug;
  @Day('received on this day or after it') @Optional() from?: CivilDate;
  @Day('received on this day or before it') @Optional() to?: CivilDate;
}

const funnel = queryRoute({
  path: '/v1/referral/funnel',
  name: 'Funnel',
  summary: 'How far the people who were referred came, how long they waited, why they stopped.',
  description:
    'Counts, each step with the one that it is counted out of; of every anchor unless one is named.',
  parameters: FunnelParameters,
  answer: funnelAnswer,
  async find({ wayledger }, { anchor, from, to }) {
    const counted = await wayledger.query(new FunnelQuery(anchor, { from, to }));
    return { body: { ...(anchor && { anchor }), ...counted } };
  },
});

function nextOf(after: string | null, { position }: Books['fresh']): Place | undefined {
  return after === null ? undefined : { position, after };
}

/** The queries of the referral slice. */
export const referralQueries = [
  findReferral,
  referral,
  history,
  caseload,
  places,
  clocks,
  volumes,
  funnel,
] as const;
