import type { Clock } from '../base/time.ts';
import type { Ruleset } from '../domain/ruleset.ts';
import type { Validator } from '../profiles/validator.ts';
import type { Database } from '../store/database.ts';

/** What use cases need from outside, built once by `app` and handed down. */
export interface Services {
  readonly db: Database;
  readonly validator: Validator;
  readonly rulesets: readonly Ruleset[];
  readonly wallClock: Clock;
  /** tells the jobs of this process that an outbox row was committed; other processes look for themselves within 50 ms */
  readonly wake: () => void;
}
