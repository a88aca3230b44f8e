import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import type { Affiliation } from '../../../src/domain/facts/organizations.ts';
import { type ReferralFact, referralFacts } from '../../../src/domain/facts/referrals.ts';
import { agreementMatrix, referralVolume } from '../../../src/domain/or-3-agreements.ts';
import { hasReferral, referrerAttested } from '../../../src/domain/rf-referral.ts';
import type { Ruleset } from '../../../src/domain/ruleset.ts';
import { employer, ruleset } from '../../support/facts.ts';

const basis = { basis: 'decision', reason: 'what this test asks' } as const;
const mce = ruleset('masshealth-mce');
const one: Ruleset = {
  ...mce,
  rules: { 'RF-1': basis, 'RF-2': basis, 'OR-3': basis, 'OR-4': basis },
  parameters: {
    ...mce.parameters,
    referrerTypes: { value: ['care-manager'], ...basis },
    highVolumeReferrals: { value: 2, ...basis },
  },
};
const referral: ReferralFact = {
  reference: 'ServiceRequest/1',
  status: 'active',
  member: 'Patient/1',
  authoredOn: '2025-03-02T04:30:00Z',
  requester: 'PractitionerRole/9',
  requesterOrganization: 'Organization/clinic',
  requesterKinds: ['care-manager'],
  performers: [employer],
  hasReason: true,
  attestations: [{ reference: 'DocumentReference/1', on: '2025-03-03' }],
};
const episode = {
  reference: 'EpisodeOfCare/1',
  organization: employer,
  careManager: [],
  start: '2025-01-01',
  end: undefined,
};
const asked = (date: string) => ({ ruleset: one, date: localDate(date), episode, knownAt: '2025-12-31T12:00:00Z' });
const refer = (date: string, more: Partial<ReferralFact> = {}) =>
  hasReferral(asked(date), [{ ...referral, ...more }]).outcome;

describe('RF-1 and RF-2', () => {
  test('a referral counts from its local date', () => {
    expect([refer('2025-02-28').result, refer('2025-03-01').result]).toEqual(['indeterminate', 'met']);
  });
  test('a self-referral, an unlisted requester, a missing reason and a revoked request are told apart', () => {
    expect(refer('2025-03-01', { requester: 'Patient/1' })).toMatchObject({
      reasons: ['self-referral-needs-a-referrer'],
    });
    expect(refer('2025-03-01', { requesterKinds: ['friend'] }).result).toBe('not-met');
    expect(refer('2025-03-01', { hasReason: false })).toMatchObject({ reasons: ['missing: reason'] });
    expect(refer('2025-03-01', { status: 'revoked' })).toMatchObject({ reasons: ['missing: ServiceRequest'] });
  });
  test('a referral of the member to somebody else brings nobody to this service; one that names no performer may', () => {
    const performers = ['Organization/detox'];
    expect(refer('2025-03-01', { performers, requesterOrganization: employer })).toMatchObject({
      reasons: ['missing: ServiceRequest'],
    });
    expect(referrerAttested(asked('2025-03-03'), [{ ...referral, performers }]).outcome.result).toBe('indeterminate');
    expect(refer('2025-03-01', { performers: [...performers, employer] }).result).toBe('met');
    expect(refer('2025-03-01', { performers: [] }).result).toBe('met');
  });
  test('the referrer\u2019s attestation holds from its date', () => {
    const attested = (date: string) => referrerAttested(asked(date), [referral]).outcome.result;
    expect([attested('2025-03-02'), attested('2025-03-03')]).toEqual(['indeterminate', 'met']);
  });
  test('the requester\u2019s kind and organisation come from its role', () => {
    const [fact] = referralFacts(
      [
        {
          owner: '',
          recordedAt: '',
          resource: {
            resourceType: 'ServiceRequest',
            id: '1',
            status: 'active',
            intent: 'order',
            subject: {},
            requester: { reference: 'PractitionerRole/9/_history/2' },
          },
        },
      ],
      {
        roles: [
          {
            owner: '',
            recordedAt: '',
            resource: {
              resourceType: 'PractitionerRole',
              id: '9',
              code: [{ coding: [{ code: 'care-manager' }] }],
              organization: { reference: 'Organization/clinic' },
            },
          },
        ],
        organizations: [],
        documents: [],
      },
    );
    expect(fact).toMatchObject({ requesterOrganization: 'Organization/clinic', requesterKinds: ['care-manager'] });
  });
});

describe('OR-3 and OR-4', () => {
  const affiliation = (category: string, clauses: string[]): Affiliation => ({
    reference: `OrganizationAffiliation/${category}`,
    organization: employer,
    partner: 'Organization/clinic',
    active: true,
    categories: [category],
    agreements: [{ type: 'mou', document: 'DocumentReference/2', clauses }],
    start: undefined,
    end: '2025-03-31',
  });
  const every = ['referral', 'transition', 'aftercare', 'discharge'];
  const full = ['addiction-24h', 'other-behavioral-health', 'medical', 'other'].map((code) => affiliation(code, every));
  const question = (date: string) => ({ ruleset: one, date: localDate(date), organization: employer });

  test('four groups and four clauses, through the last day of the agreement', () => {
    expect(agreementMatrix(question('2025-03-31'), full).outcome).toEqual({ result: 'met' });
    expect(agreementMatrix(question('2025-04-01'), full).outcome.result).toBe('not-met');
    const gap = agreementMatrix(question('2025-03-31'), [...full.slice(1), affiliation('addiction-24h', ['referral'])]);
    expect(gap.outcome).toMatchObject({
      reasons: ['transition', 'aftercare', 'discharge'].map((c) => `no-clause: addiction ${c}`),
    });
    expect(agreementMatrix(question('2025-03-31'), []).outcome.result).toBe('indeterminate');
  });

  test('members of one direction add up, those of both do not; at the threshold an agreement must exist', () => {
    const other = { ...referral, reference: 'ServiceRequest/2', member: 'Patient/2' };
    const back = { ...other, requesterOrganization: employer, performers: ['Organization/clinic'] };
    const volume = (given: ReferralFact[], with_: Affiliation[]) =>
      referralVolume(question('2025-03-31'), given, with_);
    expect(volume([referral], []).outcome).toEqual({ result: 'met' });
    expect(volume([referral, other], [])).toMatchObject({
      outcome: { reasons: ['no-agreement: Organization/clinic'] },
      figures: { 'Organization/clinic': 2 },
    });
    expect(volume([referral, other], full).outcome).toEqual({ result: 'met' });
    expect(volume([referral, back], [])).toMatchObject({
      outcome: { result: 'met' },
      figures: { 'Organization/clinic': 1 },
    });
    expect(volume([referral, { ...other, member: 'Patient/1' }], []).outcome).toEqual({ result: 'met' });
  });

  describe('OR-4 "refer a high volume of Members"', () => {
    const second = { ...referral, reference: 'ServiceRequest/2', member: 'Patient/2', authoredOn: '2025-03-31' };
    const volume = (given: ReferralFact[], more: Partial<ReturnType<typeof question>> = {}, date = '2025-03-31') =>
      referralVolume({ ...question(date), ...more }, given, []);

    test('a referral counts from its local date; the day before, the volume is one lower', () => {
      expect(volume([referral, second], {}, '2025-03-30')).toMatchObject({
        outcome: { result: 'met' },
        figures: { 'Organization/clinic': 1 },
      });
      expect(volume([referral, second]).outcome.result).toBe('not-met');
      // 04:30 UTC on the 2nd is still the 1st in Boston
      expect(volume([referral], {}, '2025-03-01').figures).toEqual({ 'Organization/clinic': 1 });
      expect(volume([referral], {}, '2025-02-28').figures).toEqual({});
    });

    test('completed referrals count; drafts, revoked and undated ones do not', () => {
      const with_ = (more: Partial<ReferralFact>) => volume([referral, { ...second, ...more }]).outcome.result;
      expect(with_({ status: 'completed' })).toBe('not-met');
      expect(with_({ status: 'draft' })).toBe('met');
      expect(with_({ status: 'revoked' })).toBe('met');
      expect(with_({ authoredOn: undefined })).toBe('met');
    });

    test('each partner has its own volume, and the organisation is no partner of its own', () => {
      const elsewhere = { ...second, requesterOrganization: 'Organization/court' };
      expect(volume([referral, elsewhere])).toMatchObject({
        outcome: { result: 'met' },
        figures: { 'Organization/clinic': 1, 'Organization/court': 1 },
      });
      expect(volume([{ ...referral, requesterOrganization: employer }]).figures).toEqual({});
      expect(volume([{ ...referral, performers: ['Organization/other'] }]).figures).toEqual({});
    });

    test('an agreement that ended the day before, is inactive or has no document is none', () => {
      const at = (date: string, more: Partial<Affiliation> = {}) =>
        referralVolume(question(date), [referral, second], [{ ...affiliation('medical', []), ...more }]).outcome.result;
      expect([at('2025-03-31'), at('2025-04-01')]).toEqual(['met', 'not-met']);
      expect(at('2025-03-31', { active: false })).toBe('not-met');
      expect(at('2025-03-31', { agreements: [{ type: 'mou', document: undefined, clauses: [] }] })).toBe('not-met');
      expect(at('2025-03-31', { partner: 'Organization/court' })).toBe('not-met');
    });

    test('without the number or the organisation it is open, and without the rule it does not apply', () => {
      const { highVolumeReferrals: _, ...parameters } = one.parameters;
      expect(volume([], { ruleset: { ...one, parameters } }).outcome).toMatchObject({
        reasons: ['missing-parameter: highVolumeReferrals'],
      });
      const unknown = { ruleset: one, date: localDate('2025-03-31'), organization: undefined };
      expect(referralVolume(unknown, [], []).outcome).toMatchObject({ reasons: ['missing: Organization'] });
      expect(volume([], { ruleset: { ...one, rules: {} } }).outcome.result).toBe('not-applicable');
    });
  });
});
