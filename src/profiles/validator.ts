import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Issue } from '../base/failure.ts';
import { canonicalBase } from '../fhir/canonical.ts';
import { CodeSets } from './codes.ts';
import { checkDomainResource } from './domain-resource.ts';
import { Findings, shown } from './findings.ts';
import { NodeCheck } from './profile.ts';
import { type Place, Structure } from './structure.ts';
import type { BaseTables, ProfileTable, ProfileTables } from './tables.ts';

/** Validates resources against R4 and the profiles that they claim, where this server holds them. No I/O once it is loaded. */
export interface Validator {
  /** errors, and warnings for claims that are not held; nothing where the resource is as it should be */
  validate(resource: unknown): { readonly issues: readonly Issue[] };
  /** canonical URLs with version of the profiles that are checked when claimed */
  heldProfiles(type: string): readonly string[];
}

const folder = join(import.meta.dirname, '../../profiles/generated');
/** Our own definitions last: US Core 6.1.0 is what a claim without a version means (domain model, section 3). */
const guides = ['us-core-6.1.0', 'us-core-7.0.0', 'footbridge'];
const mostIssues = 50;

interface Guide {
  readonly tables: ProfileTables;
  readonly codes: CodeSets;
}

/** Reads the compact tables that `scripts/make-constraints.ts` makes. */
export async function loadValidator(): Promise<Validator> {
  const texts = ['r4', ...guides].map((name) => readFile(join(folder, `${name}.json`), 'utf8'));
  const [base, ...profiles] = (await Promise.all(texts)).map((text) => JSON.parse(text) as unknown);
  return new TableValidator(base as BaseTables, profiles as ProfileTables[]);
}

/** As loadValidator, for tests that want it at once. */
export function loadValidatorSync(): Validator {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  return new TableValidator(
    read('r4') as BaseTables,
    guides.map((name) => read(name) as ProfileTables),
  );
}

class TableValidator implements Validator {
  readonly #structure: Structure;
  /** by url and by url|version */
  readonly #profiles = new Map<string, { readonly table: ProfileTable; readonly guide: Guide }>();
  readonly #compiled = new Map<ProfileTable, NodeCheck>();
  readonly #held = new Map<string, string[]>();

  constructor(base: BaseTables, profiles: readonly ProfileTables[]) {
    const codes = new CodeSets(base.valueSets);
    this.#structure = new Structure(base, codes, (extension, path, types, found) =>
      this.#checkExtension(extension, path, types, found),
    );
    for (const tables of profiles) {
      const guide: Guide = { tables, codes: new CodeSets(base.valueSets, tables.valueSets) };
      for (const table of tables.profiles) this.#hold(table, guide);
    }
  }

  #hold(table: ProfileTable, guide: Guide): void {
    const { type, url, version } = table;
    if (!this.#profiles.has(url)) this.#profiles.set(url, { table, guide });
    this.#profiles.set(`${url}|${version}`, { table, guide });
    if (this.#structure.isResourceType(type))
      this.#held.set(type, [...(this.#held.get(type) ?? []), `${url}|${version}`]);
  }

  heldProfiles(type: string): readonly string[] {
    return this.#held.get(type) ?? [];
  }

  validate(resource: unknown): { readonly issues: readonly Issue[] } {
    const fields = resource as Readonly<Record<string, unknown>> & { resourceType: string };
    const found = new Findings(mostIssues);
    const path = fields.resourceType;
    const place: Place = { resource: fields, root: fields };
    this.#structure.checkResource(fields, path, place, found);
    if (found.issues.some(({ severity }) => severity === 'error')) return found;
    checkDomainResource(fields, path, found);
    this.#checkClaims(fields, path, place, found);
    return found;
  }

  #checkClaims(resource: Readonly<Record<string, unknown>>, path: string, place: Place, found: Findings): void {
    const claims = (resource['meta'] as { profile?: readonly string[] } | undefined)?.profile ?? [];
    for (const [index, claim] of claims.entries()) {
      const held = this.#profiles.get(claim);
      const at = `${path}.meta.profile[${index}]`;
      if (!held)
        found.warning(
          'informational',
          at,
          `The profile ${shown(claim)} is not held here: the resource is stored as sent and was not checked against it. metadata lists the profiles that are.`,
        );
      else if (held.table.type !== path)
        found.error(
          'value',
          at,
          `The profile ${shown(claim)} is for ${held.table.type}, not for ${path}. Claim another one, or none.`,
        );
      else this.#checkProfile(held.table, resource, path, place, found);
    }
  }

  #checkProfile(
    table: ProfileTable,
    value: Readonly<Record<string, unknown>>,
    path: string,
    place: Place,
    found: Findings,
  ): void {
    const parent = table.base === undefined ? undefined : this.#profiles.get(table.base);
    if (parent) this.#checkProfile(parent.table, value, path, place, found);
    this.#check(table)?.check(value, path, place, found);
  }

  #check(table: ProfileTable): NodeCheck | undefined {
    const known = this.#compiled.get(table);
    const held = this.#profiles.get(`${table.url}|${table.version}`);
    if (known || !held) return known;
    const check = new NodeCheck(table.node, {
      codes: held.guide.codes,
      name: table.url.slice(table.url.lastIndexOf('/') + 1),
    });
    this.#compiled.set(table, check);
    return check;
  }

  /** An extension whose definition is held must follow it; under our own base there is none but ours. */
  #checkExtension(
    extension: Readonly<Record<string, unknown>>,
    path: string,
    types: readonly string[],
    found: Findings,
  ): void {
    const url = extension['url'];
    if (typeof url !== 'string' || !url.includes(':')) return;
    const held = this.#profiles.get(url);
    if (held && held.table.type === 'Extension') {
      const { contexts } = held.table;
      if (contexts && !contexts.some((context) => types.includes(context)))
        found.error(
          'structure',
          path,
          `The extension ${shown(url)} does not belong here. It belongs on ${contexts.join(', ')}.`,
        );
      this.#checkProfile(held.table, extension, path, { resource: extension, root: extension }, found);
    } else if (url.startsWith(`${canonicalBase}/`)) {
      found.error(
        'structure',
        path,
        `Footbridge has no extension ${shown(url)}. Correct its name, or use a URL of your own.`,
      );
    }
  }
}
