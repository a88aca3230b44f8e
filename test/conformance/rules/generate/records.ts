import type { Affiliation, CarePlan, History, PlanConsent, Referral, SafeCarePlan } from '../format.ts';
import { type Add, contact, day, numbers, rule } from './build.ts';
import { optum } from './onset.ts';
import type { QuoteKey } from './quotes.ts';

const d = '2026-03-31';
const before = day(d, -1);
const after = day(d, 1);
const member = { ...optum, contacts: [contact('2026-03-20', { purpose: 'mentoring' })] } satisfies Partial<History>;
const ours = (licences: NonNullable<History['organization']>['licences']): Partial<History> => ({
  organization: { id: 'employer', kind: 'organization', ...(licences && { licences }) },
});

function licences(add: Add): void {
  const cases: [string, Partial<History>, 'met' | 'not-met' | 'indeterminate', string[]][] = [
    ['holds on its last day', ours([{ start: '2024-01-01', end: d }]), 'met', []],
    ['ended the day before', ours([{ start: '2024-01-01', end: before }]), 'not-met', ['licence-not-in-force']],
    ['begins on the day', ours([{ start: d }]), 'met', []],
    ['begins the day after', ours([{ start: after }]), 'not-met', ['licence-not-in-force']],
    ['has no days', ours([{}]), 'indeterminate', ['missing: licence period']],
    ['is not known', ours([]), 'indeterminate', ['missing: licence']],
  ];
  for (const [title, more, result, reasons] of cases)
    add('licence', 'licensed', {
      ...member,
      ...more,
      title: `The employer’s licence ${title}`,
      rule: 'OR-2',
      expect: [rule('OR-2', result, d, { reasons })],
    });
}

const clauses = ['referral', 'transition', 'aftercare', 'discharge'];
const agreement = (partner: string, category: string, more: Partial<Affiliation> = {}): Affiliation => ({
  id: partner,
  partner,
  categories: [category],
  agreements: [{ document: `qsoa-${partner}`, clauses }],
  start: '2025-01-01',
  ...more,
});
const wide = [
  agreement('detox', 'addiction-24h'),
  agreement('crisis', 'other-behavioral-health'),
  agreement('clinic', 'medical'),
  agreement('court', 'other'),
];

function agreements(add: Add): void {
  const but = (partner: string, more: Partial<Affiliation>): Affiliation[] =>
    wide.map((one) => (one.partner === partner ? { ...one, ...more } : one));
  const cases: [string, QuoteKey, Affiliation[], 'met' | 'not-met' | 'indeterminate', string[]][] = [
    ['with each group, on their last day', 'wide', wide.map((one) => ({ ...one, end: d })), 'met', []],
    [
      'with an addiction service that is no 24 hour one',
      'wide',
      but('detox', { categories: ['addiction-non-24h'] }),
      'met',
      [],
    ],
    [
      'with no medical setting',
      'wide',
      wide.filter(({ partner }) => partner !== 'clinic'),
      'not-met',
      ['no-agreement: medical'],
    ],
    [
      'of which the court’s ended the day before',
      'wide',
      but('court', { end: before }),
      'not-met',
      ['no-agreement: other'],
    ],
    [
      'of which the clinic’s is not written',
      'clauses',
      but('clinic', { agreements: [{ clauses }] }),
      'not-met',
      ['no-agreement: medical'],
    ],
    [
      'of which the court’s leaves out aftercare',
      'clauses',
      but('court', { agreements: [{ document: 'mou', clauses: ['referral', 'transition', 'discharge'] }] }),
      'not-met',
      ['no-clause: other aftercare'],
    ],
    [
      'of which two of one group say the clauses together',
      'clauses',
      [
        ...but('court', { agreements: [{ document: 'mou', clauses: ['referral', 'transition'] }] }),
        agreement('sober-house', 'other', { agreements: [{ document: 'mou-2', clauses: ['aftercare', 'discharge'] }] }),
      ],
      'met',
      [],
    ],
    ['none of which is known', 'wide', [], 'indeterminate', ['missing: OrganizationAffiliation']],
  ];
  for (const [title, quote, affiliations, result, reasons] of cases)
    add('agreement', quote, {
      ...member,
      title: `Agreements ${title}`,
      rule: 'OR-3',
      reading: 'an agreement counts while it is in force and written, and each clause stands in one of each group',
      affiliations,
      expect: [rule('OR-3', result, d, { reasons })],
    });
}

function volumes(add: Add): void {
  const come = (count: number, more: Partial<Referral> = {}): Referral[] =>
    numbers(1, count).map((n) => ({
      id: `in-${n}`,
      of: `person-${n}`,
      authored: '2026-03-02',
      from: 'clinic',
      kinds: ['medical-provider'],
      to: ['employer'],
      ...more,
    }));
  const go = (count: number): Referral[] =>
    come(count).map((one) => ({ ...one, id: `out-${one.id}`, from: 'employer', to: ['clinic'] }));
  const none = { result: 'not-met', reasons: ['no-agreement'] } as const;
  const met = { result: 'met', reasons: [] } as const;
  const cases: [string, Partial<History>, { result: 'met' | 'not-met'; reasons: readonly string[] }, number][] = [
    ['nine members come from a clinic', { referrals: come(9) }, met, 9],
    ['ten members come from a clinic', { referrals: come(10) }, none, 10],
    ['ten members go to a clinic', { referrals: go(10) }, none, 10],
    [
      'five members come and five others go',
      { referrals: [...come(5), ...go(5).map((one, index) => ({ ...one, of: `other-${index}` }))] },
      met,
      5,
    ],
    ['one member comes ten times', { referrals: come(10, { of: 'person-1' }) }, met, 1],
    ['ten come, under an agreement', { referrals: come(10), affiliations: [agreement('clinic', 'medical')] }, met, 10],
    [
      'ten come, under an agreement that ended the day before',
      { referrals: come(10), affiliations: [agreement('clinic', 'medical', { end: before })] },
      none,
      10,
    ],
    [
      'the tenth comes the day after',
      { referrals: [...come(9), { ...(come(10)[9] as Referral), authored: after }] },
      met,
      9,
    ],
    [
      'one of ten was revoked',
      { referrals: [...come(9), { ...(come(10)[9] as Referral), status: 'revoked' }] },
      met,
      9,
    ],
  ];
  for (const [title, more, { reasons, result }, count] of cases)
    add('volume', 'volume', {
      ...member,
      ...more,
      title: `Referrals: ${title}`,
      rule: 'OR-4',
      reading: 'ten members in one direction are a high volume; the document names no number',
      expect: [rule('OR-4', result, d, { reasons, figures: { 'Organization/clinic': count } })],
    });
}

function referrals(add: Add): void {
  const made: Referral = { id: 'r1', authored: d, from: 'clinic', kinds: ['medical-provider'], to: ['employer'] };
  const cases: [string, Referral[], 'met' | 'not-met' | 'indeterminate', string[]][] = [
    ...['medical-provider', 'behavioral-health-provider', 'community-partner', 'care-manager'].map(
      (kind): [string, Referral[], 'met', string[]] => [`by a ${kind}`, [{ ...made, kinds: [kind] }], 'met', []],
    ),
    ['by a friend', [{ ...made, kinds: ['friend'] }], 'not-met', ['requester-not-listed']],
    ['by who knows whom', [{ ...made, kinds: [] }], 'indeterminate', ['missing: kind of requester']],
    ['by the member', [{ id: 'r1', authored: d }], 'not-met', ['self-referral-needs-a-referrer']],
    ['by the member and by a clinic', [{ id: 'r0', authored: d }, made], 'met', []],
    ['without its reason', [{ ...made, reason: false }], 'indeterminate', ['missing: reason']],
    ['of the day after', [{ ...made, authored: after }], 'indeterminate', ['missing: ServiceRequest']],
    ['that was revoked', [{ ...made, status: 'revoked' }], 'indeterminate', ['missing: ServiceRequest']],
    ['that is completed', [{ ...made, status: 'completed' }], 'met', []],
    ['of somebody else', [{ ...made, of: 'person-2' }], 'indeterminate', ['missing: ServiceRequest']],
  ];
  for (const [title, list, result, reasons] of cases)
    add('referral', 'referral', {
      ...member,
      title: `A referral ${title}`,
      rule: 'RF-1',
      referrals: list,
      expect: [rule('RF-1', result, d, { reasons })],
    });
  for (const [title, attested, result] of [
    ['on the day', d, 'met'],
    ['the day after', after, 'indeterminate'],
    ['never', undefined, 'indeterminate'],
  ] as const)
    add('referral', 'identifies', {
      ...member,
      title: `The referrer attests contact and need ${title}`,
      rule: 'RF-2',
      referrals: [{ ...made, ...(attested === undefined ? {} : { attested }) }],
      expect: [rule('RF-2', result, d, { reasons: result === 'met' ? [] : ['missing: referrer attestation'] })],
    });
}

const domains = ['perinatal', 'housing', 'healthcare', 'income', 'mental-health', 'substance-use', 'infant'];
const complete: SafeCarePlan = {
  id: 'safe',
  status: 'active',
  start: '2026-03-01',
  domains: Object.fromEntries(domains.map((domain) => [domain, domain === 'housing' ? 'need' : 'no-need'])),
  activities: { housing: ['coach-a'] },
};

function families(add: Add): void {
  const said = (what: 'pregnancy' | 'parenting', present = true, on = '2026-03-10') => ({ what, present, on });
  const due = ['plan-of-safe-care-due'];
  const cases: [string, Partial<History>, 'met' | 'not-met' | 'indeterminate' | 'not-applicable', string[]][] = [
    ['pregnant, without a plan', { family: [said('pregnancy')] }, 'not-met', due],
    ['pregnant from the day on', { family: [said('pregnancy', true, d)] }, 'not-met', due],
    ['parenting, with a plan', { family: [said('parenting')], safeCarePlans: [complete] }, 'met', []],
    [
      'parenting, with a plan on its last day',
      { family: [said('parenting')], safeCarePlans: [{ ...complete, end: d }] },
      'met',
      [],
    ],
    [
      'parenting, with a plan that ended the day before',
      { family: [said('parenting')], safeCarePlans: [{ ...complete, end: before }] },
      'not-met',
      due,
    ],
    [
      'parenting, with a plan that was revoked',
      { family: [said('parenting')], safeCarePlans: [{ ...complete, status: 'revoked' }] },
      'not-met',
      due,
    ],
    [
      'neither',
      { family: [said('pregnancy', false), said('parenting', false)] },
      'not-applicable',
      ['not-pregnant-or-parenting'],
    ],
    [
      'not pregnant any more, and parenting',
      { family: [said('pregnancy'), said('pregnancy', false, '2026-03-20'), said('parenting', true, '2026-03-20')] },
      'not-met',
      due,
    ],
    [
      'not pregnant, and of children nobody has asked',
      { family: [said('pregnancy', false)] },
      'indeterminate',
      ['missing: pregnancy or parenting'],
    ],
    [
      'pregnant from the day after',
      { family: [said('pregnancy', true, after)] },
      'indeterminate',
      ['missing: pregnancy or parenting'],
    ],
  ];
  for (const [title, more, result, reasons] of cases)
    add('safe-care', 'safeCare', {
      ...member,
      ...more,
      title: `A member who is ${title}`,
      rule: 'PS-1',
      expect: [rule('PS-1', result, d, { reasons })],
    });
  const without = (gone: string) =>
    Object.fromEntries(Object.entries(complete.domains).filter(([one]) => one !== gone));
  const plans: [string, Partial<SafeCarePlan>, 'met' | 'not-met' | 'indeterminate', string[]][] = [
    ['with an answer to each', {}, 'met', []],
    ['of which one was declined', { domains: { ...complete.domains, income: 'declined' } }, 'met', []],
    ['with a need for which nothing is to be done', { activities: {} }, 'not-met', ['need-without-activity: housing']],
    [
      'with a need for which nobody is to do it',
      { activities: { housing: [] } },
      'not-met',
      ['activity-without-owner: housing'],
    ],
    ['that leaves out income', { domains: without('income') }, 'indeterminate', ['missing: income']],
    ['that leaves out the infant', { domains: without('infant') }, 'indeterminate', ['missing: infant']],
  ];
  for (const [title, more, result, reasons] of plans)
    add('safe-care-domains', 'needs', {
      ...member,
      title: `A Plan of Safe Care ${title}`,
      rule: 'PS-2',
      reading:
        'each need is answered need, no-need or declined, and a need has somebody who sees to it; the infant’s needs are a federal rule’s',
      family: [said('parenting')],
      safeCarePlans: [{ ...complete, ...more }],
      expect: [rule('PS-2', result, d, { reasons })],
    });
}

function events(add: Add): void {
  const event = (on: string, reports: ('open' | 'sent')[], id = 'fall') => ({ id, on, reports });
  const cases: [string, History['adverseEvents'], 'met' | 'not-met', string[]][] = [
    ['none', [], 'met', []],
    ['one that was reported', [event(d, ['sent'])], 'met', []],
    ['one of the day that nobody reported', [event(d, [])], 'not-met', ['not-reported']],
    ['one of the day after', [event(after, [])], 'met', []],
    ['one that is yet to be sent', [event(before, ['open'])], 'not-met', ['report-open']],
    ['one that one of two authorities has', [event(before, ['sent', 'open'])], 'not-met', ['report-open']],
    [
      'two, of which one was reported',
      [event(before, ['sent']), event(before, [], 'overdose')],
      'not-met',
      ['not-reported'],
    ],
  ];
  for (const [title, adverseEvents, result, reasons] of cases)
    add('adverse-event', 'adverse', {
      ...member,
      title: `Adverse events: ${title}`,
      rule: 'Q-1',
      ...(adverseEvents && { adverseEvents }),
      expect: [rule('Q-1', result, d, { reasons })],
    });
}

const consent: PlanConsent = { id: 'k1', carePlan: 'p1', given: '2026-03-01', to: ['optum'] };

function exposures(add: Add): void {
  const cases: [string, PlanConsent[], 'met' | 'not-met' | 'indeterminate', string[]][] = [
    ['to this plan', [consent], 'met', []],
    ['on its last day', [{ ...consent, end: d }], 'met', []],
    ['that ended the day before', [{ ...consent, end: before }], 'not-met', ['consent-not-in-force']],
    ['given on the day', [{ ...consent, given: d }], 'met', []],
    ['given the day after', [{ ...consent, given: after }], 'indeterminate', ['missing: Consent that names the plan']],
    ['to another plan', [{ ...consent, to: ['mce'] }], 'not-met', ['recipient-not-in-consent']],
    [
      'about another wellness plan',
      [{ ...consent, carePlan: 'p2' }],
      'indeterminate',
      ['missing: Consent that names the plan'],
    ],
    ['that was revoked', [{ ...consent, status: 'inactive' }], 'not-met', ['consent-not-active']],
    ['beside a refusal', [consent, { ...consent, id: 'k2', permits: false }], 'not-met', ['consent-refused']],
    ['of nobody', [], 'indeterminate', ['missing: Consent that names the plan']],
  ];
  for (const [title, consents, result, reasons] of cases)
    add('exposure', 'withConsent', {
      ...member,
      title: `A wellness plan with a consent ${title}`,
      rule: 'WP-2',
      reading: 'the consent names the wellness plan; a refusal beside it wins',
      consents,
      expect: [rule('WP-2', result, d, { of: 'p1', reasons })],
    });
}

const wellness: CarePlan = { id: 'p1', kind: 'wellness', contributors: ['member', 'coach-a'] };

function firewall(add: Add): void {
  const given: PlanConsent = { ...consent, to: ['mce'] };
  const added = { carePlan: 'p1', payer: 'mce', by: 'coach-a', at: '2026-03-02' };
  const demand = (...required: string[]) => ({ id: 'q1', payer: 'mce', at: '2026-03-15', required });
  const noncompliant = ['noncompliant-request'];
  const cases: [string, Partial<History>, string[], number][] = [
    ['with the member’s consent, added by a person', { consents: [given], additions: [added] }, [], 1],
    ['with the member’s consent, added by nobody', { consents: [given] }, [], 0],
    ['added by a person without the member’s consent', { additions: [added] }, [], 0],
    ['added the day after', { consents: [given], additions: [{ ...added, at: after }] }, [], 0],
    ['added for another plan', { consents: [given], additions: [{ ...added, payer: 'other' }] }, [], 0],
    ['with a consent that ended the day before', { consents: [{ ...given, end: before }], additions: [added] }, [], 0],
    ['that the payer demands', { reviewRequests: [demand('progress-notes', 'wellness-plan')] }, noncompliant, 0],
    ['that the payer demands by another name', { reviewRequests: [demand('recovery-plan')] }, noncompliant, 0],
    [
      'that the payer demands, with the member’s consent',
      { consents: [given], reviewRequests: [demand('wellness-plan')] },
      noncompliant,
      0,
    ],
    [
      'that the payer demands and a person adds with the member’s consent',
      { consents: [given], additions: [added], reviewRequests: [demand('wellness-plan')] },
      noncompliant,
      1,
    ],
    ['where the payer asks for progress notes', { reviewRequests: [demand('progress-notes', 'goals')] }, [], 0],
    ['that another payer demands', { reviewRequests: [{ ...demand('wellness-plan'), payer: 'other' }] }, [], 0],
    ['that the payer demands the day after', { reviewRequests: [{ ...demand('wellness-plan'), at: after }] }, [], 0],
  ];
  for (const [title, more, reasons, included] of cases)
    add('firewall', 'noPlan', {
      title: `A package for concurrent review, and a wellness plan ${title}`,
      rule: 'A-4',
      reading:
        'a plan goes out with the member’s consent that names it and by a person’s decision; a demand opens nothing',
      episode: { start: '2025-11-01' },
      contacts: [contact('2026-03-20')],
      carePlans: [wellness],
      ...more,
      expect: [
        rule('A-4', reasons.length > 0 ? 'not-met' : 'met', d, {
          reasons,
          figures: { included, omitted: 1 - included, complete: true },
        }),
      ],
    });
}

export function records(add: Add): void {
  licences(add);
  agreements(add);
  volumes(add);
  referrals(add);
  families(add);
  events(add);
  exposures(add);
  firewall(add);
}
