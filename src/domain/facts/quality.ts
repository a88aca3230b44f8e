import type { DocumentReference, QuestionnaireResponse } from '@medplum/fhirtypes';
import { canonicalBase } from '../../fhir/canonical.ts';
import { localCodes } from './extensions.ts';
import type { Recorded, Span } from './facts.ts';

/** A quality management plan: a current DocumentReference of local type `quality-management-plan` [D]. */
export interface QualityPlan extends Span {
  readonly reference: string;
  /** instant of the document */
  readonly on: string | undefined;
}

/** A completed answer to a satisfaction survey. */
export interface SurveyFact {
  readonly reference: string;
  readonly on: string | undefined;
}

const survey = `${canonicalBase}/Questionnaire/satisfaction-survey`;

export function qualityPlans(documents: readonly Recorded<DocumentReference>[]): QualityPlan[] {
  return documents.flatMap(({ resource: { context, date, docStatus, id, status, type } }): QualityPlan[] => {
    const is = status === 'current' && docStatus !== 'preliminary' && docStatus !== 'entered-in-error';
    if (!is || !localCodes(type ? [type] : []).includes('quality-management-plan')) return [];
    return [
      { reference: `DocumentReference/${id}`, on: date, start: context?.period?.start, end: context?.period?.end },
    ];
  });
}

export function surveys(responses: readonly Recorded<QuestionnaireResponse>[]): SurveyFact[] {
  return responses.flatMap(({ resource: { authored, id, questionnaire, status } }): SurveyFact[] =>
    questionnaire?.split('|')[0] === survey && (status === 'completed' || status === 'amended')
      ? [{ reference: `QuestionnaireResponse/${id}`, on: authored }]
      : [],
  );
}
