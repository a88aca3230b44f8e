import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CarePlan, CodeSystem, Coverage, Observation, Procedure, Task, ValueSet } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { localDate } from '../../../src/base/time.ts';
import { notifications } from '../../../src/domain/facts/authorizations.ts';
import { carePlans, stageObservations } from '../../../src/domain/facts/care-plans.ts';
import { familyPlans, familyStates } from '../../../src/domain/facts/family-plans.ts';
import { fundings } from '../../../src/domain/facts/michigan-authorizations.ts';
import { affiliations } from '../../../src/domain/facts/organizations.ts';
import { qualityPlans } from '../../../src/domain/facts/quality.ts';
import { supervisions } from '../../../src/domain/facts/supervision.ts';
import { supportActivities } from '../../../src/domain/facts/support-activities.ts';
import { agreementMatrix } from '../../../src/domain/or-3-agreements.ts';
import { familyPartners, planDomainGaps, planDomains } from '../../../src/domain/ps-plan-of-safe-care.ts';
import { structure } from '../../../src/fhir/canonical.ts';
import { loadValidatorSync } from '../../../src/profiles/validator.ts';
import { ruleset, rulesets } from '../../support/facts.ts';
import { coaches, local, recorded } from '../../support/recorded.ts';

const folder = resolve(import.meta.dirname, '../../../profiles');
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const codesOf = (name: string): string[] =>
  ((read(`codesystem-${name}.json`) as CodeSystem).concept ?? []).map(({ code }) => code);
const basis = { basis: 'decision', reason: 'what this test asks' } as const;
const asked = {
  ruleset: { ...ruleset('tufts'), rules: { 'OR-3': basis, 'PS-2': basis, 'PS-4': basis } },
  organization: 'Organization/riverside',
  date: localDate('2025-03-01'),
  knownAt: '2025-03-02T12:00:00Z',
};

test('every code system has the value set that it names, counts its codes, and names no code twice', () => {
  const systems = readdirSync(folder).filter((name) => name.startsWith('codesystem-'));
  expect(systems.length).toBeGreaterThan(20);
  for (const name of systems) {
    const { concept = [], count, url, valueSet } = read(name) as CodeSystem;
    expect([name, count, new Set(concept.map(({ code }) => code)).size]).toEqual([
      name,
      concept.length,
      concept.length,
    ]);
    const set = read(name.replace('codesystem-', 'valueset-')) as ValueSet;
    expect([set.url, set.compose?.include[0]?.system]).toEqual([valueSet, url]);
  }
});

describe('the published codes are those that the rules read', () => {
  const affiliated = (categories: readonly string[], clauses: readonly string[]) =>
    affiliations(
      categories.map((code) =>
        recorded({
          resourceType: 'OrganizationAffiliation' as const,
          id: code,
          organization: { reference: 'Organization/riverside' },
          code: [local(code, 'partner-category')],
          extension: [
            {
              url: structure('agreement'),
              extension: [
                { url: 'type', valueCode: 'mou' },
                { url: 'document', valueReference: { reference: 'DocumentReference/1' } },
                ...clauses.map((clause) => ({ url: 'clause', valueCode: clause })),
              ],
            },
          ],
        }),
      ),
    );
  const partners = codesOf('partner-category');
  const clauses = codesOf('agreement-clause');

  test('partners and clauses: all of them make OR-3 and PS-4 met, and each clause is asked for', () => {
    const all = affiliated(partners, clauses);
    expect([agreementMatrix(asked, all).outcome, familyPartners(asked, all).outcome]).toEqual([
      { result: 'met' },
      { result: 'met' },
    ]);
    for (const left of clauses) {
      const some = clauses.filter((clause) => clause !== left);
      expect(agreementMatrix(asked, affiliated(partners, some)).outcome.result, left).toBe('not-met');
    }
    for (const code of partners) {
      const { figures } = agreementMatrix(asked, affiliated([code], clauses));
      const counted = Object.values(figures)
        .filter((value) => typeof value === 'number')
        .some((value) => value > 0);
      const without = familyPartners(
        asked,
        affiliated(
          partners.filter((one) => one !== code),
          clauses,
        ),
      );
      expect(counted || without.outcome.result !== 'met', code).toBe(true);
    }
  });

  test('domains of a Plan of Safe Care, and the answers to them', () => {
    expect(codesOf('plan-of-safe-care-domain').sort()).toEqual([...planDomains].sort());
    const gaps = (answer: string) => {
      const plan: CarePlan = {
        resourceType: 'CarePlan',
        id: '1',
        status: 'active',
        intent: 'plan',
        subject: {},
        category: [local('plan-of-safe-care', 'care-plan-category')],
        extension: planDomains.map((domain) => ({
          url: structure('domain-status'),
          extension: [
            { url: 'domain', valueCode: domain },
            { url: 'status', valueCode: answer },
          ],
        })),
        activity: planDomains.map((domain) => ({
          detail: {
            status: 'in-progress',
            code: local(domain, 'plan-of-safe-care-domain'),
            performer: [{ reference: 'Practitioner/coach' }],
          },
        })),
      };
      return planDomainGaps(asked, familyPlans([recorded(plan)])).outcome;
    };
    for (const answer of codesOf('domain-answer')) expect(gaps(answer), answer).toEqual({ result: 'met' });
    expect(gaps('perhaps').result).toBe('indeterminate');
  });

  test('funding sources', () => {
    const coverage = (code: string): Coverage => ({
      resourceType: 'Coverage',
      id: '1',
      status: 'active',
      beneficiary: {},
      payor: [],
      type: local(code, 'funding-source'),
    });
    const codes = codesOf('funding-source');
    expect(codes.flatMap((code) => fundings([recorded(coverage(code))]).map(({ source }) => source))).toEqual(codes);
    expect(fundings([recorded(coverage('cash'))])).toEqual([]);
  });

  test('kinds of care plan', () => {
    const plan = (code: string): CarePlan => ({
      resourceType: 'CarePlan',
      id: code,
      status: 'active',
      intent: 'plan',
      subject: {},
      category: [local(code, 'care-plan-category')],
    });
    const kinds = carePlans(
      codesOf('care-plan-category').map((code) => recorded(plan(code))),
      coaches,
    ).map(({ kind, reference }) => [reference.replace('CarePlan/', ''), kind]);
    expect(Object.fromEntries(kinds)).toEqual({
      'wellness-plan': 'wellness',
      'plan-of-safe-care': 'safe-care',
      'treatment-plan': 'treatment',
    });
  });

  test('notifications among the Tasks, and what comes of them', () => {
    const task = (code: string): Task => ({
      resourceType: 'Task',
      id: code,
      status: 'completed',
      intent: 'order',
      code: local(code, 'task-code'),
      focus: { reference: 'EpisodeOfCare/1' },
      output: codesOf('task-output').map((name) => ({
        type: local(name, 'task-output'),
        valueInstant: '2025-03-01T12:00:00Z',
      })) as NonNullable<Task['output']>,
    });
    const found = notifications(codesOf('task-code').map((code) => recorded(task(code))));
    expect(found.map(({ acknowledgedAt, kind, sentAt }) => [kind, sentAt, acknowledgedAt])).toEqual([
      ['notification-of-admission', '2025-03-01T12:00:00Z', '2025-03-01T12:00:00Z'],
      ['registration', '2025-03-01T12:00:00Z', '2025-03-01T12:00:00Z'],
    ]);
  });

  test('work without the member, observations, documents and supervisions', () => {
    const work = (code: string): Procedure => ({
      resourceType: 'Procedure',
      id: code,
      status: 'completed',
      subject: {},
      category: local(code, 'activity-category'),
    });
    const categories = codesOf('activity-category');
    expect(
      supportActivities(
        categories.map((code) => recorded(work(code))),
        coaches,
      ).map(({ category }) => category),
    ).toEqual(categories);
    const observed = (code: string, value: Partial<Observation>) =>
      recorded<Observation>({
        resourceType: 'Observation',
        id: code,
        status: 'final',
        code: local(code, 'observation-code'),
        ...value,
      });
    expect(codesOf('observation-code')).toEqual(['parenting', 'stage-of-change', 'not-assessed']);
    expect(familyStates([observed('parenting', { valueBoolean: true })])).toMatchObject([{ what: 'parenting' }]);
    const notAssessed = { valueCodeableConcept: local('not-assessed', 'observation-code') };
    expect(stageObservations([observed('stage-of-change', notAssessed)])).toMatchObject([{ stage: 'not-assessed' }]);
    const document = {
      resourceType: 'DocumentReference',
      id: '1',
      status: 'current',
      content: [],
      type: local('quality-management-plan', 'document-type'),
    } as const;
    expect(codesOf('document-type')).toContain('quality-management-plan');
    expect(qualityPlans([recorded({ ...document, content: [] })])).toHaveLength(1);
    const session = (code: string) =>
      supervisions(
        [
          recorded({
            resourceType: 'Appointment' as const,
            id: '1',
            status: 'fulfilled' as const,
            participant: [],
            serviceType: [local(code, 'supervision-type')],
          }),
        ],
        coaches,
      ).map(({ kind }) => kind);
    expect(codesOf('supervision-type').flatMap(session)).toEqual(codesOf('supervision-type'));
  });

  test('documents that mean a plan, in every ruleset that holds A-4', () => {
    const holding = rulesets.filter(({ rules }) => 'A-4' in rules);
    expect(holding.length).toBeGreaterThan(1);
    for (const { name, parameters } of holding) {
      const named = parameters.planDocuments?.value ?? [];
      expect([name, named.length > 0, named.filter((code) => !codesOf('review-document').includes(code))]).toEqual([
        name,
        true,
        [],
      ]);
    }
  });
});

describe('what the extensions take', () => {
  const validator = loadValidatorSync();
  const errors = (resource: object) =>
    validator.validate(resource).issues.flatMap(({ severity, text }) => (severity === 'error' ? [text] : []));
  const collateral = (extension: readonly object[]) => ({
    resourceType: 'Procedure',
    status: 'completed',
    subject: { reference: 'Patient/1' },
    category: local('collateral', 'activity-category'),
    extension,
  });

  test('a collateral Procedure carries support categories and its documentation', () => {
    const documentation = {
      url: structure('documentation'),
      extension: [
        { url: 'status', valueCode: 'final' },
        { url: 'signedAt', valueInstant: '2025-03-01T12:00:00Z' },
        { url: 'signedBy', valueReference: { reference: 'Practitioner/coach' } },
      ],
    };
    const category = { url: structure('support-category'), valueCode: 'informational' };
    expect(errors(collateral([category, documentation]))).toEqual([]);
    expect(errors(collateral([{ url: structure('support-category'), valueCode: 'spiritual' }]))).toHaveLength(1);
    expect(errors({ resourceType: 'Patient', extension: [category] })[0]).toContain('belongs on Encounter, Procedure');
  });

  test('clauses and domains are those that are published', () => {
    const agreement = (clause: string) => ({
      resourceType: 'OrganizationAffiliation',
      extension: [
        {
          url: structure('agreement'),
          extension: [
            { url: 'type', valueCode: 'mou' },
            { url: 'clause', valueCode: clause },
          ],
        },
      ],
    });
    const plan = (domain: string, status: string) => ({
      resourceType: 'CarePlan',
      status: 'active',
      intent: 'plan',
      subject: { reference: 'Patient/1' },
      extension: [
        {
          url: structure('domain-status'),
          extension: [
            { url: 'domain', valueCode: domain },
            { url: 'status', valueCode: status },
          ],
        },
      ],
    });
    expect([errors(agreement('aftercare')), errors(plan('infant', 'need'))]).toEqual([[], []]);
    expect(errors(agreement('parking'))[0]).toContain('aftercare, discharge, referral, transition');
    expect(errors(plan('astrology', 'need'))[0]).toContain('perinatal');
    expect(errors(plan('infant', 'perhaps'))[0]).toContain('no-need');
  });
});
