import { z } from 'zod';
import { type Failure, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { parseLocalDate } from '../../base/time.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { type Preview, previewRulesets } from '../../service/preview-rulesets.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { onlyOnce } from '../operation-query.ts';

/** `POST EpisodeOfCare/$preview-rulesets`: whom, and which billing, other rulesets would change, before they are published. */
export const interaction: Interaction = {
  code: '$preview-rulesets',
  level: 'type',
  method: 'POST',
  path: 'EpisodeOfCare/$preview-rulesets',
  types: ['EpisodeOfCare'],
  definition: `${canonicalBase}/OperationDefinition/preview-rulesets`,
  handle,
};

const mostMembers = 1_000;

const date = z
  .string()
  .transform(parseLocalDate)
  .refine((parsed) => parsed !== undefined);

const Body = z.object({
  resourceType: z.literal('Parameters'),
  parameter: z.array(
    z.union([
      z.strictObject({ name: z.literal('ruleset'), valueString: z.string() }),
      z.strictObject({ name: z.literal('start'), valueDate: date }),
      z.strictObject({ name: z.literal('end'), valueDate: date }),
      z.strictObject({ name: z.literal('after'), valueString: z.string().max(64) }),
      z.strictObject({ name: z.literal('count'), valueInteger: z.number().int().min(1).max(mostMembers) }),
    ]),
  ),
});

async function handle({ access, body, query, requestId, services }: FhirRequest): FhirAnswer {
  const known = onlyOnce('$preview-rulesets', query, []);
  if (!known.ok) return known;
  const asked = read(body);
  if (!asked.ok) return asked;
  const answer = await previewRulesets(services, access, { ...asked.value, requestId });
  return answer.ok ? ok({ status: 200, body: JSON.stringify(answer.value) }) : answer;
}

function read(body: unknown): Result<Omit<Preview, 'requestId'>, Failure> {
  const parsed = Body.safeParse(body);
  const given = parsed.success ? parsed.data.parameter : [];
  const named = <N extends (typeof given)[number]['name']>(name: N) =>
    given.filter((one): one is Extract<typeof one, { name: N }> => one.name === name);
  const files = named('ruleset').map(({ valueString }) => valueString);
  const single = { start: named('start'), end: named('end'), after: named('after'), count: named('count') };
  if (files.length === 0 || Object.values(single).some(({ length }) => length > 1))
    return err(
      failure(
        'invalid',
        'structure',
        `$preview-rulesets takes Parameters with ruleset (valueString, the YAML of a ruleset; one or more), start (valueDate, the first day whose billing is compared), end (valueDate, the last one), after (valueString, the next of the page before) and count (valueInteger, 1 to ${mostMembers} members).`,
      ),
    );
  return ok({
    files,
    start: single.start[0]?.valueDate,
    end: single.end[0]?.valueDate,
    after: single.after[0]?.valueString,
    most: single.count[0]?.valueInteger ?? 200,
  });
}
