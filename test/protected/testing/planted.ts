import type { Line } from '../../crash/testing/commands.js';

/** Texts that occur nowhere else in the world, one for every protected field of every command. */
export const PLANTED = {
  name: 'Quenilla Ōtanerak-Vosz',
  contact: 'quenilla@vosz-otanerak.example',
  dateOfBirth: '1947-03-19',
  nhsNumber: '9990000018',
  chiNumber: '0101011237',
  need: 'zwollig debts',
  otherNeed: 'gromplish nights',
  referred: 'marfendine told her doctor',
  accepted: 'yelmpotic joy',
  declined: 'hurblethwaite came first',
  firstNote: 'pronkasterly in the kitchen',
  laterNote: 'umbreldast by the sea',
  offerRefused: 'skwindle allergy',
  missed: 'vlorpenade in the ward',
  cancelled: 'drimbolish knee',
  droppedOut: 'ozquettle weather',
  followUp: 'jentrubble mends',
  condition: 'klomberine lungs',
  tier: 'wendrastic winter',
  override: 'grellifont again',
  barrier: 'plinthomy stairs',
  barrierNote: 'orvanquist bus',
  unmet: 'tramblewick advice',
  unmetNote: 'zephromant queue',
  signpost: 'quillomere leaflet',
  signpostNote: 'brastolin desk',
  concern: 'hesperond bruise',
  concernNote: 'malquetine door',
  band: 'ferronquist level',
  unscored: 'dornablith tests',
  goal: 'swimmerandel lake',
  step: 'puddenforth bench',
  newGoal: 'castellorine choir',
  newStep: 'lumberquay walk',
  level: 'nodderquist alone',
  closed: 'fimmerdox is settled',
  closingNote: 'thranquile card',
  rightName: 'Wendolotte Ashquarrimer',
  rightContact: 'wendolotte@ashquarrimer.example',
  rightDateOfBirth: '1947-09-13',
  rightNhsNumber: '9990007705',
  rightChiNumber: '0202011208',
  rightNeed: 'crevandish rent',
  rightReason: 'jubbelquist told her sister',
  mistakenNote: 'albrindle on the stairs',
  rightNote: 'albrondesse on the bus',
  pastCapacity: 'ostrivane cannot wait',
  placeGiven: 'yarrowmintle comes along',
  notForThem: 'quibberlane is too far',
  settledOnce: 'perrimandle for now',
  comesBack: 'smorgenthwick again',
  comingBackNote: 'lindervane rang',
  openName: 'Bartimelda Quoxley',
  openContact: '07700 900461',
} as const;

/** As people type them, where that is not how they are kept. */
export const AS_TYPED = { nhsNumber: '999 000 0018', chiNumber: '010-101-1237' } as const;

/** With their longer words, so that a part would be noticed too. */
export function needles(): string[] {
  const words = Object.values(PLANTED)
    .flatMap((text) => text.split(/[\s@]+/u))
    .filter((word) => word.length >= 8);
  return [...new Set([...Object.values(PLANTED), ...Object.values(AS_TYPED), ...words])];
}

const MANAGER = { id: 'mo', role: 'anchor', organisation: 'north' };
const LINK_WORKER = { id: 'ann', role: 'link-worker', organisation: 'north' };
const PROVIDER = { id: 'plot-holder', role: 'provider', organisation: 'allot' };
const ANCHOR = { anchor: 'north', scheme: 'spring', route: 'gp' };
const SERVICE = { service: 'gardening', provider: 'allot' };
/** Full from the first: nobody comes in but past its capacity. */
const FULL = { service: 'walking', provider: 'allot' };
const FULL_SERVICE: readonly Line[] = [
  ['RegisterService', { ...FULL, name: 'Walking' }],
  ['DeclareCapacity', { ...FULL, places: 0 }],
].map(([command, data], index) => ({
  ...{ id: `full-service-${index}`, command, at: '2024-04-02', actor: MANAGER, data },
}));
const PRICE = {
  ...SERVICE,
  plannedSessions: 3,
  ...{ agreement: 'allot-2024', fund: 'lottery', year: 2024, pot: 'prescribing' },
};

type Given = readonly [at: string, command: string, data: object, actor?: object];

/** `full` goes all the way, `declined` is declined, `open` stays on the caseload. */
export function plantedLines(): Line[] {
  const { need, otherNeed, name, contact, dateOfBirth } = PLANTED;
  const identity = { name, contact, dateOfBirth, ...AS_TYPED, needs: [need, otherNeed] };
  const full: Given[] = [
    ['2024-05-01', 'Refer', { ...ANCHOR, person: 'p1', ...identity, reason: PLANTED.referred }],
    ['2024-05-02', 'AcceptReferral', { by: 'person', reason: PLANTED.accepted }],
    ['2024-05-02', 'AssignLinkWorker', { linkWorker: 'lw-a' }],
    ['2024-05-03', 'RecordConsent', { scopes: ['sharing'] }],
    ['2024-05-04', 'RecordContact', { mode: 'visit', minutes: 50, note: PLANTED.firstNote }],
    ['2024-05-05', 'RecordContact', { mode: 'phone', minutes: 10, note: PLANTED.laterNote }],
    ['2024-05-06', 'Offer', { offer: 'o1', ...SERVICE }],
    ['2024-05-07', 'RefuseOffer', { offer: 'o1', reason: PLANTED.offerRefused }],
    ['2024-05-08', 'Prescribe', { prescription: 'a', ...PRICE }],
    ['2024-05-09', 'RecordMissed', { prescription: 'a', reason: PLANTED.missed }, PROVIDER],
    [
      '2024-05-10',
      'CancelPrescription',
      { prescription: 'a', by: 'person', reason: PLANTED.cancelled },
    ],
    ['2024-05-11', 'Prescribe', { prescription: 'b', ...PRICE }],
    ['2024-05-12', 'RecordDropOut', { prescription: 'b', reason: PLANTED.droppedOut }],
    [
      '2024-06-05',
      'RecordFollowUp',
      { window: 'month-1', reached: true, mode: 'phone', minutes: 5, note: PLANTED.followUp },
    ],
    ['2024-07-01', 'CloseReferral', { reason: PLANTED.closed, note: PLANTED.closingNote }],
  ];
  const declined: Given[] = [
    ['2024-05-01', 'Refer', { ...ANCHOR, person: 'p2', ...identity }],
    ['2024-05-02', 'DeclineReferral', { by: 'anchor', reason: PLANTED.declined }],
  ];
  const open: Given[] = [
    [
      '2024-05-01',
      'Refer',
      { ...ANCHOR, person: 'p3', name: PLANTED.openName, contact: PLANTED.openContact },
    ],
    ['2024-05-02', 'AcceptReferral', { by: 'person' }],
    ['2024-05-02', 'AssignLinkWorker', { linkWorker: 'lw-a' }],
    ['2024-05-08', 'Prescribe', { prescription: 'c', ...PRICE }],
    ['2024-05-09', 'RecordAttendance', { prescription: 'c' }, PROVIDER],
  ];
  const eligible: Given[] = [
    ['2024-05-01', 'Refer', { ...ANCHOR, scheme: 'ways-to-wellness', person: 'p4', ...identity }],
    ['2024-05-02', 'DecideEligibility', { conditions: [PLANTED.condition], age: 77 }],
  ];
  const others = { eligible, supported: supported(), corrected: corrected(identity), open };
  const lines = Object.entries({ full, declined, ...others }).flatMap(([referral, given]) =>
    given.map(([at, command, data, actor = LINK_WORKER], index) => ({
      ...{ id: `${referral}-${index}`, command, at, actor },
      data: { referral, ...data },
    })),
  );
  return [...FULL_SERVICE, ...lines];
}

/** What was taken down wrongly, what went past a capacity, and a person who comes back. */
function corrected(identity: object): Given[] {
  const { rightName: name, rightContact: contact, rightDateOfBirth: dateOfBirth } = PLANTED;
  const { rightNhsNumber: nhsNumber, rightChiNumber: chiNumber } = PLANTED;
  const identifiers = { dateOfBirth, nhsNumber, chiNumber };
  const amend = (index: number, data: object): Given => [
    '2024-05-06',
    'CorrectEntry',
    { corrects: `corrected-${index}`, kind: 'amend', reasonCode: 'entered-in-error', ...data },
  ];
  const because = (reason: string) => ({ override: { reason } });
  return [
    ['2024-05-01', 'Refer', { ...ANCHOR, person: 'p6', ...identity }],
    ['2024-05-02', 'RecordContact', { mode: 'visit', minutes: 5, note: PLANTED.mistakenNote }],
    [
      '2024-05-02',
      'RecordAssessment',
      {
        ...{ instrument: 'phq-9', purpose: 'baseline', mode: 'visit' },
        answers: [1, 1, 1, 1, 1, 1, 1, 1, 0],
      },
    ],
    amend(0, { name, contact, ...identifiers, needs: [PLANTED.rightNeed] }),
    amend(1, { note: PLANTED.rightNote }),
    amend(2, { answers: [2, 1, 1, 1, 1, 1, 1, 1, 1] }),
    ['2024-05-07', 'AcceptReferral', { by: 'person' }],
    ['2024-05-07', 'AssignLinkWorker', { linkWorker: 'lw-a' }],
    [
      '2024-05-08',
      'Prescribe',
      { prescription: 'd', ...FULL, ...because(PLANTED.pastCapacity) },
      MANAGER,
    ],
    [
      '2024-05-09',
      'DeclinePrescription',
      { prescription: 'd', by: 'person', reason: PLANTED.notForThem },
    ],
    ['2024-05-10', 'Prescribe', { prescription: 'e', ...FULL, waitlist: true }],
    ['2024-05-11', 'OfferPlace', { prescription: 'e', ...because(PLANTED.placeGiven) }, MANAGER],
    ['2024-05-12', 'CancelPrescription', { prescription: 'e', by: 'person' }],
    ['2024-05-13', 'CloseReferral', { reason: PLANTED.settledOnce }],
    ['2024-05-14', 'ReopenReferral', { reason: PLANTED.comesBack, note: PLANTED.comingBackNote }],
    ['2024-05-15', 'DeclineReferral', { by: 'person', reason: PLANTED.declined }],
    [
      '2024-05-16',
      'CorrectEntry',
      {
        ...{ corrects: 'corrected-15', kind: 'amend', reasonCode: 'entered-in-error' },
        reason: PLANTED.rightReason,
      },
    ],
  ];
}

/** All that a link worker learns, under a scheme with a cap to go past. */
function supported(): Given[] {
  const { openName: name, openContact: contact } = PLANTED;
  const visit = { mode: 'visit', minutes: 30 };
  const baseline = { purpose: 'baseline', mode: 'visit' };
  return [
    ['2024-05-01', 'Refer', { ...ANCHOR, scheme: 'brightlife', person: 'p5', name, contact }],
    ['2024-05-02', 'AcceptReferral', { by: 'person' }],
    ['2024-05-03', 'ChangeTier', { tier: 'tier-3', reason: PLANTED.tier }],
    ...Array.from({ length: 16 }, (): Given => ['2024-05-04', 'RecordContact', visit]),
    ['2024-05-05', 'RecordContact', { ...visit, override: { reason: PLANTED.override } }],
    ['2024-05-06', 'IdentifyBarrier', { code: PLANTED.barrier, note: PLANTED.barrierNote }],
    ['2024-05-06', 'RecordUnmetNeed', { code: PLANTED.unmet, note: PLANTED.unmetNote }],
    ['2024-05-06', 'Signpost', { code: PLANTED.signpost, note: PLANTED.signpostNote }],
    ['2024-05-06', 'RaiseConcern', { code: PLANTED.concern, note: PLANTED.concernNote }],
    [
      '2024-05-07',
      'RecordAssessment',
      { ...baseline, instrument: 'phq-9', answers: [3, 2, 1, 0, 1, 2, 3, 0, 1] },
    ],
    ['2024-05-07', 'RecordAssessment', { ...baseline, instrument: 'pam', band: PLANTED.band }],
    [
      '2024-05-07',
      'DeclineAssessment',
      { instrument: 'gad-7', purpose: 'baseline', reason: PLANTED.unscored },
    ],
    [
      '2024-05-07',
      'RecordServiceUse',
      {
        ...{ source: 'practice', from: '2024-01-01', to: '2024-03-31' },
        counts: [{ of: 'bed-days', count: 3 }],
      },
    ],
    ['2024-05-08', 'AgreePlan', { goals: [PLANTED.goal], steps: [PLANTED.step] }],
    ['2024-05-09', 'AmendPlan', { goals: [PLANTED.newGoal], steps: [PLANTED.newStep] }],
    ['2024-05-09', 'SetLevelOfSupport', { level: 'supported-access', reason: PLANTED.level }],
  ];
}

/** What people get wrong with a planted text in hand: each is refused, none may be repeated. */
export function refusedLines(): (Line | string)[] {
  const { name, contact, dateOfBirth, nhsNumber, need, laterNote } = PLANTED;
  const refer = (id: string, data: object, more: object = {}): Line => ({
    ...{ id, command: 'Refer', at: '2024-05-01', actor: LINK_WORKER },
    data: { referral: id, person: id, ...ANCHOR, name, contact, ...data },
    ...more,
  });
  const known = plantedLines().find(({ command }) => command === 'Refer')!;
  return [
    refer('wrong-nhs', { nhsNumber: nhsNumber.replace(/8$/u, '9') }),
    refer('wrong-chi', { chiNumber: nhsNumber }),
    refer('number-for-name', { name: [name] }),
    refer('object-for-contact', { contact: { telephone: contact } }),
    refer('long-name', { name: name.repeat(400) }),
    refer('date-with-time', { dateOfBirth: `${dateOfBirth}T00:00` }),
    refer('text-for-list', { needs: need }),
    refer('empty-in-list', { needs: [need, ''] }),
    refer('unknown-field', { mobile: contact }),
    refer('name-for-slug', { anchor: name, area: name, scheme: name }),
    refer('name-for-word', { route: name }),
    refer('name-for-number', { ageAtReferral: dateOfBirth }),
    refer('lone-surrogate', { name: `${name}\ud800` }),
    refer('text-for-data', {}, { data: name }),
    refer('name-for-date', {}, { at: name }),
    refer('name-for-actor', {}, { actor: name }),
    refer('name-for-role', {}, { actor: { ...LINK_WORKER, role: name } }),
    refer('unknown-scheme', { scheme: 'winter' }),
    refer('unknown-anchor', { anchor: 'south' }),
    { ...refer('again', {}), data: { ...(known['data'] as object), reason: laterNote } },
    { ...known, data: { ...(known['data'] as object), reason: laterNote } },
    {
      ...{ id: 'no-such', command: 'RecordContact', at: '2024-05-01', actor: LINK_WORKER },
      data: { referral: name, mode: 'phone', minutes: 1, note: laterNote },
    },
    {
      ...{ id: 'closed', command: 'RecordContact', at: '2024-08-01', actor: LINK_WORKER },
      data: { referral: 'full', mode: contact, minutes: name, note: laterNote },
    },
    {
      ...{ id: 'ended', command: 'RecordMissed', at: '2024-08-01', actor: PROVIDER },
      data: { referral: 'full', prescription: 'b', reason: laterNote },
    },
    JSON.stringify(refer('too-long', {})).replace(name, name.repeat(20_000)),
  ];
}

/** A line that breaks off in the middle of a name, and one that never was JSON. */
export function brokenLines(): string[] {
  const { name, openName } = PLANTED;
  return [`{"id": "x", "data": {"name": "${name}" "contact": ""}}`, `${openName}, 07700 900461`];
}
