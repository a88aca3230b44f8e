/** The part of FHIRPath N1 that R4's search parameters and invariants are written in, as a tree. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | undefined }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'this' }
  | { readonly kind: 'step'; readonly from: Expression | undefined; readonly name: string }
  | {
      readonly kind: 'call';
      readonly from: Expression | undefined;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'index'; readonly from: Expression; readonly at: Expression }
  | { readonly kind: 'type'; readonly from: Expression; readonly operator: 'is' | 'as'; readonly type: string }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'negate'; readonly of: Expression };

/** Thrown for syntax that this evaluator leaves to fhirpath.js; compiling catches it. */
export class Unsupported extends Error {}

interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'symbol' | 'variable' | 'end';
  readonly text: string;
}

const tokenPattern =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|'((?:[^'\\]|\\.)*)'|(\d+(?:\.\d+)?)|%(?:`([^`]+)`|([A-Za-z][\w-]*))|`([^`]+)`|(\$?[A-Za-z_]\w*)|(<=|>=|!=|!~|[.,()[\]{}|&+\-*/=<>~])/gy;

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const match = tokenPattern.exec(source);
    if (!match) throw new Unsupported(`cannot read the expression: ${source}`);
    const [, text, number, quotedVariable, variable, quotedName, name, symbol] = match;
    if (text !== undefined) tokens.push({ kind: 'string', text: unescape(text) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (quotedVariable ?? variable) tokens.push({ kind: 'variable', text: quotedVariable ?? variable ?? '' });
    else if (quotedName ?? name) tokens.push({ kind: 'name', text: quotedName ?? name ?? '' });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code: string | undefined, char: string) =>
    code ? String.fromCharCode(Number.parseInt(code, 16)) : (escapes[char] ?? char),
  );
}

/** Binding power of the operators, weakest first (FHIRPath N1, section 6.8). */
const levels: readonly (readonly string[])[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '~', '!=', '!~'],
  ['<', '>', '<=', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
];

/** @throws Unsupported for what this subset does not hold */
export function parseExpression(source: string): Expression {
  const tokens = tokenize(source);
  let position = 0;
  const peek = (): Token => tokens[position] ?? { kind: 'end', text: '' };
  const at = (text: string): boolean => peek().text === text && (peek().kind === 'symbol' || peek().kind === 'name');
  const take = (text: string): void => {
    if (!at(text)) throw new Unsupported(`expected ${text} in ${source}`);
    position++;
  };

  function binary(level: number): Expression {
    const operators = levels[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    for (let operator = peek(); operators.some(at); operator = peek()) {
      position++;
      const { text } = operator;
      if (text === 'is' || text === 'as') left = { kind: 'type', operator: text, from: left, type: typeName() };
      else left = { kind: 'binary', operator: text, left, right: binary(level + 1) };
    }
    return left;
  }

  function typeName(): string {
    const bracketed = at('(');
    if (bracketed) position++;
    let name = identifier();
    while (at('.')) {
      position++;
      name = identifier();
    }
    if (bracketed) take(')');
    return name;
  }

  function identifier(): string {
    const token = peek();
    if (token.kind !== 'name') throw new Unsupported(`expected a name in ${source}`);
    position++;
    return token.text;
  }

  function unary(): Expression {
    if (!at('-')) return postfix();
    position++;
    return { kind: 'negate', of: unary() };
  }

  function postfix(): Expression {
    let from = primary();
    for (;;) {
      if (at('.')) {
        position++;
        from = invocation(from);
      } else if (at('[')) {
        position++;
        from = { kind: 'index', from, at: binary(0) };
        take(']');
      } else return from;
    }
  }

  function invocation(from: Expression | undefined): Expression {
    const name = identifier();
    if (name === '$this') return { kind: 'this' };
    if (!at('(')) return { kind: 'step', from, name };
    position++;
    if (name === 'is' || name === 'as' || name === 'ofType') {
      const type = typeName();
      take(')');
      return { kind: 'type', operator: name === 'is' ? 'is' : 'as', from: from ?? { kind: 'this' }, type };
    }
    const args: Expression[] = [];
    while (!at(')')) {
      args.push(binary(0));
      if (!at(')')) take(',');
    }
    position++;
    return { kind: 'call', from, name, args };
  }

  function primary(): Expression {
    const token = peek();
    if (token.kind === 'string' || token.kind === 'number') {
      position++;
      return { kind: 'literal', value: token.kind === 'number' ? Number(token.text) : token.text };
    }
    if (token.kind === 'variable') {
      position++;
      return { kind: 'variable', name: token.text };
    }
    if (at('(')) {
      position++;
      const inner = binary(0);
      take(')');
      return inner;
    }
    if (at('{')) {
      position++;
      take('}');
      return { kind: 'literal', value: undefined };
    }
    if (token.kind === 'name' && (token.text === 'true' || token.text === 'false')) {
      position++;
      return { kind: 'literal', value: token.text === 'true' };
    }
    return invocation(undefined);
  }

  const expression = binary(0);
  if (peek().kind !== 'end') throw new Unsupported(`unexpected ${peek().text} in ${source}`);
  return expression;
}
