import { createRequire } from 'node:module';
import type { Compile, Model, OptionVariants } from 'fhirpath';
import { condition, type Evaluate, type Scope } from './fhirpath-collections.ts';
import { compileExpression } from './fhirpath-compiler.ts';
import { BarePrimitive, referencedType } from './fhirpath-elements.ts';
import { parseExpression, Unsupported } from './fhirpath-parser.ts';

/** Values that an expression finds in a resource, primitives as in its JSON. */
export type Path = (resource: unknown) => unknown[];

const require = createRequire(import.meta.url);
const paths = new Map<string, Path>();

/**
 * The one door to FHIRPath. Expressions in the subset of R4's search parameters and invariants run as closures over the JSON
 * (about a microsecond); everything else runs on fhirpath.js with its R4 model, which is loaded when first needed.
 *
 * `resolve()` fetches nothing: it knows the type that a reference names, which is what `where(resolve() is X)` asks.
 *
 * @throws where the expression is not FHIRPath
 */
export function compilePath(expression: string): Path {
  const known = paths.get(expression);
  if (known) return known;
  const fast = compileFast(expression);
  const path: Path = fast
    ? (resource) => fast([resource], { resource, root: resource }).filter((item) => !(item instanceof BarePrimitive))
    : compileWithLibrary(expression);
  paths.set(expression, path);
  return path;
}

/** Whether an element keeps a rule; undefined where the rule says nothing about it. */
export type Rule = (element: unknown, scope: Scope) => boolean | undefined;

/** An invariant as a test, or undefined where it is outside the subset that is evaluated on every write. */
export function compileRule(expression: string): Rule | undefined {
  const fast = compileFast(expression);
  return fast && ((element, scope) => condition(fast([element], scope)));
}

/** True for an expression that runs without fhirpath.js. */
export function isFastPath(expression: string): boolean {
  return compileFast(expression) !== undefined;
}

function compileFast(expression: string): Evaluate | undefined {
  try {
    return compileExpression(parseExpression(expression));
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

interface Library {
  compile<T extends OptionVariants>(path: string, model: Model, options: T): Compile<T>;
}

interface LibraryTypes {
  readonly ResourceNode: {
    makeResNode(context: unknown, data: object, parent: null, path: null, shadow: null, type: null): unknown;
  };
}

/** The same expression on fhirpath.js alone; the differential test compares the two. */
export function compileWithLibrary(expression: string): Path {
  const library = require('fhirpath') as Library;
  const { ResourceNode } = require('fhirpath/src/types.js') as LibraryTypes;
  const model = require('fhirpath/fhir-context/r4') as Model;
  /** Stands for the resources that references name: their type is all that is known of them. */
  function resolve(this: unknown, items: unknown[]): unknown[] {
    const types = items.map((item) => referencedType(item, { resource: undefined, root: undefined }));
    return types
      .filter((type) => type !== undefined)
      .map((resourceType) => ResourceNode.makeResNode(this, { resourceType }, null, null, null, null));
  }
  const evaluate = library.compile(expression, model, {
    async: false,
    userInvocationTable: { resolve: { fn: resolve, arity: { 0: [] } } },
  });
  return (resource) => evaluate(resource) as unknown[];
}
