import { z } from 'zod';
import { type Failure, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { canonicalBase } from '../../fhir/canonical.ts';
import { previewRulesets } from '../../service/preview-rulesets.ts';
import type { FhirAnswer, FhirRequest, Interaction } from '../fhir-request.ts';
import { onlyOnce } from '../operation-query.ts';

/** `POST EpisodeOfCare/$preview-rulesets`: whom other rulesets would change, before they are published. */
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

const Body = z.object({
  resourceType: z.literal('Parameters'),
  parameter: z.array(
    z.union([
      z.strictObject({ name: z.literal('ruleset'), valueString: z.string() }),
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

function read(body: unknown): Result<{ files: readonly string[]; after: string | undefined; most: number }, Failure> {
  const parsed = Body.safeParse(body);
  const given = parsed.success ? parsed.data.parameter : [];
  const files = given.flatMap((one) => (one.name === 'ruleset' ? [one.valueString] : []));
  const after = given.flatMap((one) => (one.name === 'after' ? [one.valueString] : []));
  const count = given.flatMap((one) => (one.name === 'count' ? [one.valueInteger] : []));
  if (files.length === 0 || after.length > 1 || count.length > 1)
    return err(
      failure(
        'invalid',
        'structure',
        `$preview-rulesets takes Parameters with ruleset (valueString, the YAML of a ruleset; one or more), after (valueString, the next of the page before) and count (valueInteger, 1 to ${mostMembers} members).`,
      ),
    );
  return ok({ files, after: after[0], most: count[0] ?? 200 });
}
