import type { Interaction } from '../fhir-request.ts';
import { credentialRunway, interaction as named } from './credential-runway.ts';

/** `GET Organization/$credential-runway`: of the caller's own organisation. */
export const interaction: Interaction = {
  ...named,
  level: 'type',
  path: 'Organization/$credential-runway',
  handle: (request) => credentialRunway(request, undefined),
};
