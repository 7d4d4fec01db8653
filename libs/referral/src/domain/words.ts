/** The closed lists of words that the facts of a referral are written in. */
/** Whoever is said to be older was mistyped. */
export const AGE_MAX = 130;

export const ROUTES = [
  'gp',
  'practice-staff',
  'hospital',
  'pharmacist',
  'social-care',
  'voluntary-sector',
  'family-or-friend',
  'self',
  'other',
] as const;
/** Broad: told about support; medium: directed to one programme; specific: a link worker. */
export const REFERRAL_KINDS = ['broad', 'medium', 'specific'] as const;
export type ReferralKind = (typeof REFERRAL_KINDS)[number];
export const RULE_RESULTS = ['met', 'not-met', 'not-known'] as const;
export type RuleResult = (typeof RULE_RESULTS)[number];
export const CONTACT_MODES = ['visit', 'surgery', 'community', 'phone', 'video', 'text'] as const;
export type ContactMode = (typeof CONTACT_MODES)[number];
export const CONTACT_OUTCOMES = [
  'no-answer',
  'message-left',
  'not-at-home',
  'asked-to-call-back',
] as const;
export const WORKER_KINDS = ['link-worker', 'volunteer', 'other'] as const;
export type WorkerKind = (typeof WORKER_KINDS)[number];
export const SUPPORT_LEVELS = [
  'signposted',
  'self-referral',
  'supported-intervention',
  'supported-introduction',
  'supported-access',
  'peer-support',
] as const;
export type SupportLevel = (typeof SUPPORT_LEVELS)[number];
export const SESSION_MODES = ['in-person', 'phone', 'video'] as const;
export const DECIDERS = ['person', 'anchor', 'provider'] as const;
export const EVIDENCE_KINDS = [
  'register',
  'provider-confirmed',
  'worker-accompanied',
  'self-report',
] as const;
export const ASSESSMENT_PURPOSES = ['baseline', 'review', 'follow-up'] as const;
export type AssessmentPurpose = (typeof ASSESSMENT_PURPOSES)[number];
export const CONCERN_SOURCES = ['person', 'link-worker', 'provider', 'assessment'] as const;
export const CORRECTION_KINDS = ['void', 'amend'] as const;
export const CORRECTION_REASONS = [
  'entered-in-error',
  'wrong-person',
  'wrong-day',
  'wrong-outcome',
  'duplicate',
  'not-evidenced',
  'other',
] as const;
