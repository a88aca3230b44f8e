/**
 * The shape of `profiles/generated/*.json`: what HL7's StructureDefinitions and ValueSets say that a validator needs, without
 * their prose. `scripts/make-constraints.ts` writes these tables; the server reads nothing else of the definitions.
 */
export interface BaseTables {
  /** package and version that the facts are taken from */
  readonly source: string;
  /** resource, data and backbone types by name; a backbone type is named by its path, e.g. `Encounter.participant` */
  readonly types: Readonly<Record<string, TypeTable>>;
  readonly valueSets: Readonly<Record<string, CodeTable>>;
}

/** The codes of a value set by code system, only where the definitions enumerate all of them. */
export type CodeTable = Readonly<Record<string, readonly string[]>>;

export interface TypeTable {
  readonly kind: 'resource' | 'datatype' | 'backbone';
  /** the type whose elements and rules this one has too */
  readonly extends?: string;
  readonly elements: Readonly<Record<string, ElementTable>>;
  readonly rules?: readonly RuleTable[];
}

export interface ElementTable {
  /** one type, or the types of a choice element (`value[x]`), whose property is then the name followed by the type */
  readonly types: readonly string[];
  readonly choice?: true;
  readonly required?: true;
  readonly repeats?: true;
  /** resource types that a Reference or canonical may name; absent: any */
  readonly targets?: readonly string[];
  /** value set of a required binding */
  readonly binding?: string;
  readonly rules?: readonly RuleTable[];
}

/** An invariant of severity error, by the key that its definition gives it. */
export interface RuleTable {
  readonly key: string;
  readonly expression: string;
}

/** Profiles and extension definitions of one guide. */
export interface ProfileTables {
  readonly source: string;
  readonly profiles: readonly ProfileTable[];
  readonly valueSets: Readonly<Record<string, CodeTable>>;
}

export interface ProfileTable {
  readonly url: string;
  readonly version: string;
  /** the type it constrains: a resource type, a data type, or `Extension` */
  readonly type: string;
  /** another profile that must hold as well; absent where the node already says everything */
  readonly base?: string;
  /** for an extension: the elements or types it may stand on */
  readonly contexts?: readonly string[];
  readonly node: ProfileNode;
}

/** What a profile says about one element beyond R4 itself. */
export interface ProfileNode {
  readonly min?: number;
  readonly max?: number;
  readonly types?: readonly string[];
  readonly targets?: readonly string[];
  readonly fixed?: unknown;
  readonly pattern?: unknown;
  readonly binding?: string;
  /** the extension definition that this element must follow */
  readonly extension?: string;
  readonly rules?: readonly RuleTable[];
  readonly children?: Readonly<Record<string, ProfileNode>>;
  /** names of children that are choice elements */
  readonly choices?: readonly string[];
  readonly slicing?: { readonly by: readonly Discriminator[]; readonly closed?: true };
  readonly slices?: Readonly<Record<string, ProfileNode>>;
}

export interface Discriminator {
  readonly type: 'value' | 'pattern' | 'type' | 'exists' | 'profile';
  readonly path: string;
}
