import type { Annotation, Observation } from '@medplum/fhirtypes';
import type { Spell } from '../domain/caseload.ts';
import type { Series } from '../domain/cl-1-caseload.ts';
import { canonicalOf, quoteOf } from '../domain/ruleset.ts';
import { type PlanReason, planReason, planSentence } from '../domain/told-caseload.ts';
import { codeSystem, rulesetSystem, structure } from '../fhir/canonical.ts';

const displays = { on: 'On the caseload', off: 'Off the caseload' };

const reasonDisplays: Readonly<Record<PlanReason, string>> = {
  'coverage-ends': 'The coverage ends',
  'no-counted-contact': 'No contact that counts within the days that one counts',
  'record-open': 'The provider’s record is open',
  'service-begins-later': 'The service has not begun',
  'service-ended': 'The service has ended',
  'service-ends': 'The service ends',
  'within-window': 'A documented contact within the days that it counts',
};

/**
 * The Observation of one spell (domain model 3.1), without what the store adds: version and time.
 *
 * @param owner Organization id whose record it is; it stands as author of what is said for that organisation alone
 */
export function spellObservation(
  id: string,
  patient: string,
  { coach, episode, ruleset }: Series,
  spell: Spell,
  owner: string,
): Observation {
  const { answer, end, start, status } = spell;
  const reason = planReason(answer);
  const system = codeSystem('caseload-status');
  return {
    resourceType: 'Observation',
    id,
    meta: { profile: [structure('caseload-status')] },
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'social-history',
            display: 'Social History',
          },
        ],
      },
    ],
    code: { coding: [{ system, code: 'caseload-status', display: 'Peer recovery coach caseload status' }] },
    subject: { reference: patient },
    focus: [{ reference: episode.reference }],
    ...(answer.contact && { encounter: { reference: answer.contact.contact.reference } }),
    effectivePeriod: { start, ...(end !== undefined && { end }) },
    performer: [{ reference: coach }],
    ...(status === 'indeterminate'
      ? {
          dataAbsentReason: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
                code: 'unknown',
                display: 'Unknown',
              },
            ],
          },
        }
      : { valueCodeableConcept: { coding: [{ system, code: status, display: displays[status] }] } }),
    note: notesOf(spell, ruleset, owner),
    component: [
      {
        code: component('ruleset', 'Ruleset'),
        valueCodeableConcept: {
          coding: [{ system: rulesetSystem, code: canonicalOf(ruleset), display: ruleset.title }],
        },
      },
      {
        code: component('window', 'Days that a contact counts'),
        valueQuantity: {
          value: ruleset.parameters.windowDays.value,
          unit: 'days',
          system: 'http://unitsofmeasure.org',
          code: 'd',
        },
      },
      {
        code: component('reason', 'Reason'),
        valueCodeableConcept: {
          coding: [{ system: codeSystem('caseload-reason'), code: reason, display: reasonDisplays[reason] }],
        },
      },
    ],
  };
}

function component(code: string, display: string): { coding: [{ system: string; code: string; display: string }] } {
  return { coding: [{ system: codeSystem('component'), code, display }] };
}

/**
 * Why, and the sentence that it rests on. What names the provider's record has the provider as its author: src/store/masking.ts keeps
 * such notes from a plan, which reads the others.
 */
function notesOf({ answer, status }: Spell, ruleset: Series['ruleset'], owner: string): Annotation[] {
  const { quote, source } = quoteOf(ruleset, ruleset.caseload);
  const because = (reason: string): string =>
    status === 'on' ? `Last day: ${reason}.` : `${status === 'off' ? 'Off' : 'Open'}: ${reason}.`;
  const told = planSentence(planReason(answer), ruleset);
  const author =
    owner === '' ? { authorString: 'Provider' } : { authorReference: { reference: `Organization/${owner}` } };
  return [
    ...(answer.reason === told ? [] : [{ ...author, text: because(answer.reason) }]),
    { text: because(told) },
    { text: quote === undefined ? source : `“${quote}” (${source})` },
  ];
}

/** The same Observation taken back: what it said never held. */
export function takenBack(observation: Observation): Observation {
  return { ...observation, status: 'entered-in-error' };
}
