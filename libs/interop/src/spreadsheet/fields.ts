/** What a file can hold, in the order in which one rests on another. */
export const SHEETS = ['referrals', 'prescriptions', 'contacts', 'sessions'] as const;
export type Sheet = (typeof SHEETS)[number];

export interface FieldOfSheet {
  /** Every row of such a file needs it. */
  readonly needed?: true;
  /** About the person: no message ever says what the cell holds. */
  readonly personal?: true;
  /** What people write above it. */
  readonly headers: readonly string[];
}

const REFERENCE = [
  ...['Ref No', 'Ref', 'Reference', 'Reference number', 'Referral', 'Referral ref', 'Referral ID'],
  ...['Referral no', 'Referral number', 'Case', 'Case no', 'Case ID', 'Case ref', 'Our ref', 'ID'],
  ...['Client ref', 'Referral reference', 'Ref ID', 'URN'],
  // Where people are numbered and referrals are not.
  ...['Client ID', 'Client no', 'Client number', 'Person ID', 'Patient ID'],
];
/** In the other sheets an `ID` of their own is that of the row. */
const REFERENCE_ELSEWHERE = [...REFERENCE.filter((one) => one !== 'ID'), 'ID'];
const PRESCRIPTION = [
  ...['Prescription', 'Prescription no', 'Prescription ref', 'Prescription ID', 'Presc', 'Rx'],
  ...[
    'Prescription reference',
    'Prescription number',
    'SP ref',
    'Presc no',
    'Presc ref',
    'Rx ref',
    'Rx no',
  ],
];
const DATE = ['Date', 'On', 'Day'];

/** The fields of each kind of file, by the names that mapping.yaml gives them. */
export const FIELDS = {
  referrals: {
    reference: { needed: true, headers: REFERENCE },
    date: {
      needed: true,
      headers: [
        ...['Date referred', 'Referral date', 'Date of referral', 'Referred on', 'Date received'],
        ...[
          'Received',
          'Referred',
          'Received on',
          "Ref'd on",
          "Ref'd",
          'Date ref received',
          ...DATE,
        ],
      ],
    },
    route: {
      needed: true,
      headers: [
        ...['Referred by', 'Referral source', 'Source', 'Referrer', 'Route', 'Source of referral'],
        ...['Referral route', 'Who referred', 'Referrer type', 'Referred from', 'Referral from'],
      ],
    },
    kind: { headers: ['Kind', 'Kind of support', 'Level', 'Level of support', 'Tier'] },
    practice: {
      headers: [
        'Practice',
        'GP practice',
        'Surgery',
        'GP surgery',
        'Practice name',
        'Health centre',
      ],
    },
    person: {
      headers: ['Person', 'Person ID', 'Person ref', 'Client ID', 'Client no', 'Patient ID'],
    },
    nhsNumber: {
      personal: true,
      headers: [
        'NHS number',
        'NHS no',
        'NHS',
        'HCN',
        'H&C number',
        'H&C no',
        'Health and care number',
      ],
    },
    chiNumber: { personal: true, headers: ['CHI', 'CHI number', 'CHI no'] },
    name: {
      personal: true,
      headers: ['Name', 'Full name', 'Patient', 'Patient name', 'Client', 'Client name', 'Who'],
    },
    firstName: { personal: true, headers: ['First name', 'Forename', 'Given name', 'First'] },
    surname: { personal: true, headers: ['Surname', 'Last name', 'Family name', 'Last'] },
    dateOfBirth: {
      personal: true,
      headers: ['DOB', 'Date of birth', 'Birth date', 'Birthdate', 'Born', 'D of B'],
    },
    age: { personal: true, headers: ['Age', 'Age at referral'] },
    phone: {
      personal: true,
      headers: [
        'Phone',
        'Telephone',
        'Tel',
        'Mobile',
        'Tel no',
        'Phone no',
        'Phone number',
        'Contact no',
      ],
    },
    email: { personal: true, headers: ['Email', 'E-mail', 'Email address', 'E-mail address'] },
    address: { personal: true, headers: ['Address', 'Home address', 'Street'] },
    postcode: { personal: true, headers: ['Postcode', 'Post code', 'PC', 'Postal code'] },
    needs: {
      personal: true,
      headers: [
        'Reasons',
        'Reason',
        'Reason for referral',
        'Needs',
        'Presenting need',
        'Issues',
        'Need',
      ],
    },
    notes: { personal: true, headers: ['Notes', 'Comments', 'Comment', 'Referral notes'] },
    consent: {
      headers: [
        ...['Consent', 'Consented', 'Consent given', 'Consent to share', 'Consent Y/N'],
        ...['Agreed to share info', 'Agreed to share', 'Agreed to share information'],
      ],
    },
    consentDate: { headers: ['Consent date', 'Date of consent', 'Consented on'] },
    linkWorker: {
      headers: ['Worker', 'Link worker', 'SPLW', 'Linkworker', 'CLW', 'Allocated to', 'Key worker'],
    },
  },
  prescriptions: {
    prescription: { needed: true, headers: PRESCRIPTION },
    reference: { needed: true, headers: REFERENCE_ELSEWHERE },
    provider: {
      needed: true,
      headers: [
        ...['Provider code', 'Service code', 'Activity code', 'Provider', 'Service', 'Activity'],
        ...[
          'Provider name',
          'Provider org',
          'Organisation',
          'Delivered by',
          'Prescribed to',
          'Code',
        ],
      ],
    },
    providerName: {
      headers: ['Provider', 'Provider name', 'Organisation', 'Service', 'Service name', 'Activity'],
    },
    date: {
      needed: true,
      headers: [
        'Date prescribed',
        'Prescribed on',
        'Prescribed',
        'Prescription date',
        'Start date',
        'Start',
        ...DATE,
      ],
    },
    plannedSessions: {
      headers: [
        ...['Sessions planned', 'Planned sessions', 'Planned', 'No of sessions', 'Sessions'],
        ...['Number of sessions', 'Sessions agreed', 'Sessions authorised', 'Sessions booked'],
        'No of sessions booked',
      ],
    },
  },
  contacts: {
    reference: { needed: true, headers: REFERENCE_ELSEWHERE },
    date: {
      needed: true,
      headers: [
        ...[
          'Contact date',
          'Date of contact',
          'Date seen',
          'Seen',
          'Appt date',
          'Appointment date',
        ],
        ...DATE,
      ],
    },
    mode: {
      needed: true,
      headers: [
        'How',
        'Mode',
        'Contact type',
        'Type',
        'Type of contact',
        'Method',
        'Where',
        'Place',
      ],
    },
    minutes: {
      headers: [
        'Mins',
        'Minutes',
        'Duration',
        'Length',
        'Time',
        'Time spent',
        'Duration (mins)',
        'How long',
      ],
    },
    notes: { personal: true, headers: ['Notes', 'Note', 'Comments', 'Comment', 'What'] },
  },
  sessions: {
    prescription: { needed: true, headers: PRESCRIPTION },
    session: {
      headers: [
        'Session',
        'Session no',
        'Session number',
        'Week',
        'No',
        'Number',
        'Visit',
        'Session #',
      ],
    },
    date: { needed: true, headers: ['Session date', 'Date of session', 'Date attended', ...DATE] },
    attended: {
      needed: true,
      headers: [
        ...['Attended', 'Attendance', 'Present', 'Came', 'Turned up', 'Status', 'Outcome'],
        'Attended Y/N',
      ],
    },
    reason: {
      headers: [
        'Why not',
        'Reason',
        'Reason not attended',
        'Reason for absence',
        'If not why',
        'Absence reason',
        'Reason for non-attendance',
        'Reason for DNA',
      ],
    },
  },
} as const satisfies Record<Sheet, Record<string, FieldOfSheet>>;

export function fieldsOf(sheet: Sheet): ReadonlyMap<string, FieldOfSheet> {
  return new Map(Object.entries<FieldOfSheet>(FIELDS[sheet]));
}

/** Headers as they are compared: `D.O.B.` is `dob`, `Post code` is `postcode`. */
export function headerKey(header: string): string {
  return header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}
