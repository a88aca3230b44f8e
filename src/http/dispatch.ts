import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../base/failure.ts';
import { err } from '../base/result.ts';
import { definitionTypes, servedTypes } from '../fhir/served-types.ts';
import type { FhirAnswer, FhirRequest, Interaction } from './fhir-request.ts';
import { notAcceptable } from './media-types.ts';

/** Every file of `interaction/` and `operation/`: adding an interaction is adding a file. */
export async function loadInteractions(): Promise<readonly Interaction[]> {
  const folders = ['interaction', 'operation'].map((name) => join(import.meta.dirname, name));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .sort()
      .map((name) => join(folder, name)),
  );
  const modules = await Promise.all(files.map((file) => import(file) as Promise<{ interaction?: Interaction }>));
  return modules.map(({ interaction }) => interaction).filter((interaction) => interaction !== undefined);
}

export type Dispatch = (request: FhirRequest) => FhirAnswer;

/** Finds the interaction that a request means and runs it; what nobody serves is refused in words. */
export function createDispatch(interactions: readonly Interaction[]): Dispatch {
  const routes = interactions.map((interaction) => ({
    interaction,
    pattern: interaction.path.split('/').filter((part) => part !== ''),
  }));
  // Literal segments ($everything, _history) win over placeholders.
  routes.sort((a, b) => literals(b.pattern) - literals(a.pattern));
  return async (request) => {
    const onPath = routes.filter(
      ({ interaction, pattern }) => matches(pattern, request.path) && serves(interaction, request.path[0]),
    );
    const onMethod = onPath.filter(({ interaction }) => interaction.method === request.method);
    const found = onMethod.find(({ interaction }) => interaction.accepts?.(request.body) ?? true);
    if (found)
      return speaks(found.interaction, request) ? found.interaction.handle(request) : err(notAcceptable('CSV of this'));
    return err(
      onMethod.length > 0
        ? notABundle()
        : notServed(request, [...new Set(onPath.map(({ interaction }) => interaction.method))]),
    );
  };
}

function speaks({ formats = [] }: Interaction, asked: FhirRequest): boolean {
  return asked.formats.some((format) => format === 'json' || formats.includes(format));
}

function literals(pattern: readonly string[]): number {
  return pattern.filter((part) => !part.startsWith(':')).length;
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((part, index) => {
      const segment = path[index] ?? '';
      if (part === ':type') return servedTypes.includes(segment) || definitionTypes.includes(segment);
      return part.startsWith(':') ? !/^[$_]/.test(segment) : part === segment;
    })
  );
}

/** An interaction that names no types serves all that are stored, and none of our own definitions. */
export function serves({ types }: Pick<Interaction, 'types'>, type: string | undefined): boolean {
  if (types === undefined) return type === undefined || !definitionTypes.includes(type);
  return type !== undefined && types.includes(type);
}

function notABundle(): ReturnType<typeof failure> {
  return failure(
    'invalid',
    'structure',
    'A POST to the FHIR base takes a Bundle of type batch or transaction. Send a single resource to its type, for example POST Encounter.',
  );
}

function notServed(request: FhirRequest, methods: readonly string[]): ReturnType<typeof failure> {
  const asked = `${request.method.slice(0, 10)} /${request.path.join('/').slice(0, 200)}`;
  if (methods.length > 0) {
    const allowed = methods.join(', ');
    return failure('unsupported', 'not-supported', `${asked} is not served; this path takes ${allowed}.`, {
      status: 405,
      headers: { Allow: allowed },
    });
  }
  const [first = ''] = request.path;
  const unknownType = /^[A-Z]/.test(first) && !servedTypes.includes(first) && !definitionTypes.includes(first);
  return failure(
    'not-found',
    'not-supported',
    unknownType
      ? `This server does not serve ${first.slice(0, 64)}. GET metadata lists the types it serves.`
      : `${asked} is not served. GET metadata lists what is.`,
  );
}
