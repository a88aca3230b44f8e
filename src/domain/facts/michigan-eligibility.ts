import type {
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@medplum/fhirtypes';
import { literal } from './extensions.ts';
import type { Recorded } from './facts.ts';

export type CriterionId = 'c1' | 'c2' | 'c3' | 'c4' | 'c5';
export const criterionIds: readonly CriterionId[] = ['c1', 'c2', 'c3', 'c4', 'c5'];

/** What was answered to a criterion, and what the answer rests on. */
export interface Criterion {
  readonly said: boolean | undefined;
  /** coded domains or drugs, reasons in words, references */
  readonly evidence: readonly string[];
  /** those of them that are codes */
  readonly codes?: readonly string[];
}

/** The answers of one QuestionnaireResponse to the local eligibility Questionnaire. */
export interface Eligibility {
  readonly reference: string;
  readonly authored: string | undefined;
  readonly agreement: boolean | undefined;
  /** whether it speaks of the client's agreement and of no criterion, as one does that takes it back */
  readonly isAgreementAlone?: boolean;
  readonly criteria: Readonly<Record<CriterionId, Criterion>>;
}

/** Completed responses that answer at least one criterion or say whether the client agrees; drafts and errors answer nothing. */
export function eligibilities(responses: readonly Recorded<QuestionnaireResponse>[]): Eligibility[] {
  return responses.flatMap(({ resource }) => {
    const { authored, id, item, status } = resource;
    if (status !== 'completed' && status !== 'amended') return [];
    const items = new Map((item ?? []).map((one) => [one.linkId, one]));
    const agreement = booleanOf(items.get('agreement'));
    const isAgreementAlone = !criterionIds.some((criterion) => items.has(criterion));
    if (isAgreementAlone && agreement === undefined) return [];
    return [
      {
        reference: `QuestionnaireResponse/${id}`,
        authored,
        agreement,
        ...(isAgreementAlone && { isAgreementAlone }),
        criteria: {
          c1: criterionOf(items.get('c1')),
          c2: criterionOf(items.get('c2')),
          c3: criterionOf(items.get('c3')),
          c4: criterionOf(items.get('c4')),
          c5: criterionOf(items.get('c5')),
        },
      },
    ];
  });
}

function booleanOf(item: QuestionnaireResponseItem | undefined): boolean | undefined {
  return (item?.answer ?? []).map(({ valueBoolean }) => valueBoolean).find((value) => value !== undefined);
}

/** Yes and no as they were said: whether words mean the one or the other nobody reads out of them. */
function criterionOf(item: QuestionnaireResponseItem | undefined): Criterion {
  const answers = item?.answer ?? [];
  const nested = [...(item?.item ?? []), ...answers.flatMap(({ item: below }) => below ?? [])];
  const all = [...answers, ...nested.flatMap(({ answer }) => answer ?? [])];
  const codes = all.flatMap(({ valueCoding }) => valueCoding?.code ?? []);
  return { said: booleanOf(item), evidence: all.flatMap(textOf), ...(codes.length > 0 && { codes }) };
}

function textOf({ valueCoding, valueReference, valueString }: QuestionnaireResponseItemAnswer): string[] {
  const text = valueCoding?.code ?? literal(valueReference?.reference) ?? valueString?.trim();
  return text === undefined || text === '' ? [] : [text];
}
