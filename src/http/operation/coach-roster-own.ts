import type { Interaction } from '../fhir-request.ts';
import { coachRoster, interaction as named } from './coach-roster.ts';

/** `GET Organization/$coach-roster`: of the caller's own organisation. */
export const interaction: Interaction = {
  ...named,
  level: 'type',
  path: 'Organization/$coach-roster',
  handle: (request) => coachRoster(request, undefined),
};
