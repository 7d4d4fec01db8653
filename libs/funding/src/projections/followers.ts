import type { RecordedFact } from '#event-log';
import type { EventId, PrescriptionId, Slug } from '#kernel';
import { Json, type Projection, type Rows } from '#projection';
import { effective, type Correction, type ReferralEvent, type ReferralFactOf } from '#referral';
import type { FundingEvent } from '../domain/events.js';

type FollowersFact = RecordedFact<ReferralEvent> | RecordedFact<FundingEvent>;

const END_TYPES = [
  'PrescriptionDeclined',
  'PrescriptionCancelled',
  'PlaceLapsed',
  'PrescriptionCompleted',
  'DroppedOut',
] as const;
type EndFact = ReferralFactOf<(typeof END_TYPES)[number]>;

/**
 * The live prescriptions that follow their agreement's terms until they are delivered, with the
 * version each has, and the last version of each such agreement. Where the two differ something
 * was left out.
 */
export const followers: Projection<FollowersFact> = {
  name: 'followers',
  version: 2,
  whenBroken: 'stop',
  applies: ['Prescribed', 'PrescriptionRepriced', ...END_TYPES, 'EntryCorrected', 'TermsChanged'],
  tables: [
    {
      name: 'follower',
      columns: {
        referral: 'text',
        prescription: 'text',
        anchor: 'text',
        agreement: 'text',
        version: 'integer',
      },
      key: ['referral', 'prescription'],
      indexes: [['anchor', 'agreement']],
    },
    {
      name: 'terms',
      columns: { anchor: 'text', agreement: 'text', version: 'integer' },
      key: ['anchor', 'agreement'],
    },
    /** Of a referral with such prescriptions: what says whether they are live. */
    { name: 'course', columns: { referral: 'text', course: 'json' }, key: ['referral'] },
  ],
  looksAt(fact) {
    return fact.type === 'TermsChanged' ? [] : [['course', fact.stream.slice('referral-'.length)]];
  },
  reduce(fact, rows) {
    if (fact.type === 'TermsChanged') {
      const { payer, agreement, version } = fact.data;
      rows.put('terms', { anchor: payer, agreement, version: BigInt(version) });
      return;
    }
    const referral = fact.stream.slice('referral-'.length);
    const row = rows.get('course', referral);
    const before = row === undefined ? NOTHING : ((row['course'] as Json).value as Course);
    const after = heard(before, fact as RecordedFact<ReferralEvent>);
    if (after === before) return;
    rows.put('course', { referral, course: Json.of(after) });
    listFollowers(referral, fact.metadata.anchor as Slug, after, rows);
  },
};

interface Course {
  readonly followers: readonly {
    readonly prescription: PrescriptionId;
    readonly agreement: Slug;
    readonly version: number;
  }[];
  readonly ends: readonly {
    readonly event: EventId;
    readonly on: ReferralFactOf<'Prescribed'>['metadata']['occurredOn'];
    readonly prescriptions: readonly PrescriptionId[];
  }[];
  readonly corrections: readonly Correction[];
}
const NOTHING: Course = { followers: [], ends: [], corrections: [] };

function heard(course: Course, fact: RecordedFact<ReferralEvent>): Course {
  switch (fact.type) {
    case 'Prescribed':
      return prescribed(course, fact);
    case 'PrescriptionRepriced': {
      const { prescription, version } = fact.data;
      const followers = course.followers.map((given) =>
        given.prescription === prescription ? { ...given, version } : given,
      );
      return { ...course, followers };
    }
    case 'EntryCorrected': {
      if (course.ends.length === 0) return course;
      const correction = { event: fact.id, corrects: fact.data.corrects, kind: fact.data.kind };
      return { ...course, corrections: [...course.corrections, correction] };
    }
    case 'DroppedOut':
      return fact.data.scope === 'prescription'
        ? ended(course, fact, fact.data.prescription)
        : ended(course, fact);
    case 'PrescriptionDeclined':
    case 'PrescriptionCancelled':
    case 'PlaceLapsed':
    case 'PrescriptionCompleted':
      return ended(course, fact, fact.data.prescription);
    default:
      return course;
  }
}

/** One that takes the place of another ends that. */
function prescribed(course: Course, fact: RecordedFact<ReferralEvent> & { type: 'Prescribed' }) {
  const { prescription, priced, continues } = fact.data;
  const before = continues === undefined ? course : ended(course, fact, continues);
  if (priced?.terms.priceBasis !== 'at-delivery') return before;
  const { agreement, version } = priced;
  return { ...before, followers: [...before.followers, { prescription, agreement, version }] };
}

/** Without a prescription: all of them. */
function ended(
  course: Course,
  { id, metadata }: Pick<EndFact, 'id' | 'metadata'>,
  prescription?: PrescriptionId,
): Course {
  const all = course.followers.map((given) => given.prescription);
  const prescriptions = prescription === undefined ? all : all.filter((p) => p === prescription);
  if (prescriptions.length === 0) return course;
  const end = { event: id, on: metadata.occurredOn, prescriptions };
  return { ...course, ends: [...course.ends, end] };
}

function listFollowers(referral: string, anchor: Slug, course: Course, rows: Rows): void {
  const ends = effective(course.ends, course.corrections, (end) => end);
  for (const { prescription, agreement, version } of course.followers) {
    if (ends.some((end) => end.prescriptions.includes(prescription))) {
      rows.remove('follower', referral, prescription);
    } else {
      rows.put('follower', {
        ...{ referral, prescription, anchor, agreement },
        version: BigInt(version),
      });
    }
  }
}
