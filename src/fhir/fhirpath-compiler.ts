import {
  type Collection,
  condition,
  type Evaluate,
  type Json,
  no,
  nothing,
  truth,
  yes,
} from './fhirpath-collections.ts';
import { choicesOfType, elementsNamed, gather, isChoice, referencedType, typeRoot } from './fhirpath-elements.ts';
import { functions, itemFunctions, listFunctions, textFunctions } from './fhirpath-functions.ts';
import { number, operators } from './fhirpath-operators.ts';
import { type Expression, Unsupported } from './fhirpath-parser.ts';

const constants: Readonly<Record<string, Collection>> = {
  ucum: ['http://unitsofmeasure.org'],
  sct: ['http://snomed.info/sct'],
  loinc: ['http://loinc.org'],
};

/**
 * Turns a parsed expression into a function over plain JSON. R4's rules for JSON are kept: a step finds a choice element under
 * its typed name, and a primitive with only an extension counts as present.
 *
 * @throws Unsupported for what fhirpath.js must evaluate
 */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value === undefined ? nothing : [expression.value];
      return () => value;
    }
    case 'this':
      return (focus) => focus;
    case 'variable':
      return variable(expression.name);
    case 'step':
      return step(expression.from, expression.name);
    case 'index': {
      const from = compileExpression(expression.from);
      const at = compileExpression(expression.at);
      return (focus, scope) => {
        const index = at(focus, scope)[0];
        const item = typeof index === 'number' ? from(focus, scope)[index] : undefined;
        return item === undefined ? nothing : [item];
      };
    }
    case 'type':
      return typed(expression);
    case 'binary':
      return binary(expression);
    case 'call':
      return call(expression);
    case 'negate': {
      const of = compileExpression(expression.of);
      return (focus, scope) => of(focus, scope).map((value) => -number(value));
    }
  }
}

function variable(name: string): Evaluate {
  if (name === 'resource' || name === 'context') return (_, scope) => [scope.resource];
  if (name === 'rootResource') return (_, scope) => [scope.root];
  const constant = constants[name];
  if (!constant) throw new Unsupported(`%${name}`);
  return () => constant;
}

function step(from: Expression | undefined, name: string): Evaluate {
  if (!from && /^[A-Z]/.test(name)) return typeRoot(name);
  const collect = elementsNamed(name);
  if (!from) return (focus) => gather(focus, collect);
  const before = compileExpression(from);
  return (focus, scope) => gather(before(focus, scope), collect);
}

function typed(expression: Extract<Expression, { kind: 'type' }>): Evaluate {
  const { from, operator, type } = expression;
  const keep = operator === 'as';
  const answer = (found: Collection, matches: Collection): Collection =>
    keep ? matches : found.length === 0 ? nothing : matches.length === found.length ? yes : no;
  if (from.kind === 'step' && isChoice(from.name)) {
    const all = step(from.from, from.name);
    const ofType = choicesOfType(from.name, type);
    const before = from.from ? compileExpression(from.from) : undefined;
    return (focus, scope) => {
      const items = before ? before(focus, scope) : focus;
      const matches = gather(items, ofType);
      return keep ? matches : answer(all(focus, scope), matches);
    };
  }
  if (from.kind === 'call' && from.name === 'resolve') {
    const references = compileExpression(from.from ?? { kind: 'this' });
    return (focus, scope) => {
      const found = references(focus, scope);
      return answer(
        found,
        found.filter((item) => referencedType(item, scope) === type),
      );
    };
  }
  // Elsewhere plain JSON tells the type only of resources, and of strings from booleans and numbers not enough.
  if (!/^[A-Z]/.test(type) || ['Reference', 'Coding', 'Quantity', 'Period', 'Boolean', 'String'].includes(type))
    throw new Unsupported(`${operator} ${type}`);
  const items = compileExpression(from);
  return (focus, scope) => {
    const found = items(focus, scope);
    return answer(
      found,
      found.filter((item) => (item as Json | null)?.resourceType === type),
    );
  };
}

function binary(expression: Extract<Expression, { kind: 'binary' }>): Evaluate {
  const left = compileExpression(expression.left);
  const right = compileExpression(expression.right);
  const combine = operators[expression.operator];
  if (!combine) throw new Unsupported(expression.operator);
  return (focus, scope) => combine(left(focus, scope), right(focus, scope));
}

function call(expression: Extract<Expression, { kind: 'call' }>): Evaluate {
  const from = expression.from ? compileExpression(expression.from) : (focus: Collection) => focus;
  const { name, args } = expression;
  const argument = args[0] && compileExpression(args[0]);
  const known = functions[name];
  if (known) {
    if (args.length > 0 && name !== 'trace') throw new Unsupported(`${name} with an argument`);
    return (focus, scope) => known(from(focus, scope));
  }
  if (name === 'exists') {
    return argument
      ? (focus, scope) => truth(from(focus, scope).some((item) => condition(argument([item], scope))))
      : (focus, scope) => truth(from(focus, scope).length > 0);
  }
  if (name === 'iif') return compileIif(from, args.map(compileExpression));
  if (!argument) throw new Unsupported(`${name}()`);
  const perItem = itemFunctions[name];
  if (perItem) return (focus, scope) => perItem(from(focus, scope), (item) => argument([item], scope));
  const perText = textFunctions[name];
  if (perText) {
    return (focus, scope) => {
      const [text, other] = [from(focus, scope)[0], argument(focus, scope)[0]];
      return typeof text === 'string' && typeof other === 'string' ? perText(text, other) : nothing;
    };
  }
  const perList = listFunctions[name];
  if (!perList) throw new Unsupported(`${name}()`);
  return (focus, scope) => perList(from(focus, scope), argument(focus, scope));
}

function compileIif(from: Evaluate, [test, then, otherwise]: Evaluate[]): Evaluate {
  if (!test || !then) throw new Unsupported('iif()');
  return (focus, scope) => {
    const items = from(focus, scope);
    return condition(test(items, scope)) ? then(items, scope) : (otherwise?.(items, scope) ?? nothing);
  };
}
