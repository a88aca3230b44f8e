import { z } from 'zod';

/** The payer's own words, in segments where the document has something between them, and where they stand. */
const quoted = {
  basis: z.undefined().optional(),
  quote: z.array(z.string().min(3)).min(1),
  source: z.strictObject({ file: z.string(), section: z.string() }),
};

const decided = { basis: z.literal('decision'), reason: z.string().min(10) };

const published = { basis: z.literal('public-rule'), source: z.string().min(3) };

/** An entry of a ruleset beside what it rests on: a quote, our own decision with its reason, or a public rule. No other key. */
export function withBasis<T extends z.ZodRawShape>(shape: T) {
  return z.discriminatedUnion('basis', [
    z.strictObject({ ...shape, ...quoted }),
    z.strictObject({ ...shape, ...decided }),
    z.strictObject({ ...shape, ...published }),
  ]);
}

/** What a parameter or rule rests on: the payer's sentence, a public rule, or our own decision with its reason. */
export const Basis = withBasis({});
export type Basis = z.output<typeof Basis>;

/** A number, code or list that a rule reads, beside what it rests on. */
export function parameter<T extends z.ZodType>(value: T) {
  return withBasis({ value }).exactOptional();
}
