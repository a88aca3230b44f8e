import { inputTypes as b5 } from './b-5-coach-qualified.ts';
import { inputTypes as cl1 } from './cl-1-caseload.ts';
import { inputTypes as cl2 } from './cl-2-at-risk.ts';
import { inputTypes as ct1 } from './ct-1-documented-contact.ts';
import { inputTypes as ct2 } from './ct-2-engagement.ts';
import { inputTypes as due } from './due.ts';

/** Each rule with the R4 types that it reads, and the work that the rules ask for. */
export const rules: Readonly<Record<string, readonly string[]>> = {
  'B-5': b5,
  'CL-1': cl1,
  'CL-2': cl2,
  'CT-1': ct1,
  'CT-2': ct2,
  due,
};

/** What the recomputation of a member reads: a change to a resource of these types asks for it. */
export const ruleInputTypes: readonly string[] = [...new Set(Object.values(rules).flat())].sort();
