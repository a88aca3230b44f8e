import type { Annotation, Observation } from '@medplum/fhirtypes';
import type { Spell } from '../domain/caseload.ts';
import type { Series } from '../domain/cl-1-caseload.ts';
import { canonicalOf, quoteOf } from '../domain/ruleset.ts';
import { codeSystem, rulesetSystem, structure } from '../fhir/canonical.ts';

const displays = { on: 'On the caseload', off: 'Off the caseload' };

/** The Observation of one spell (domain model 3.1), without what the store adds: version and time. */
export function spellObservation(
  id: string,
  patient: string,
  { coach, episode, ruleset }: Series,
  spell: Spell,
): Observation {
  const { answer, end, start, status } = spell;
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
    note: notesOf(spell, ruleset),
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
    ],
  };
}

function component(code: string, display: string): { coding: [{ system: string; code: string; display: string }] } {
  return { coding: [{ system: codeSystem('component'), code, display }] };
}

/** Why, and the sentence that it rests on. Nothing here names a contact: a plan reads these notes. */
function notesOf({ answer, status }: Spell, ruleset: Series['ruleset']): Annotation[] {
  const { quote, source } = quoteOf(ruleset, ruleset.caseload);
  const because =
    status === 'on' ? `Last day: ${answer.reason}.` : `${status === 'off' ? 'Off' : 'Open'}: ${answer.reason}.`;
  return [{ text: because }, { text: quote === undefined ? source : `“${quote}” (${source})` }];
}

/** The same Observation taken back: what it said never held. */
export function takenBack(observation: Observation): Observation {
  return { ...observation, status: 'entered-in-error' };
}
