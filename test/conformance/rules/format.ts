/** A day or an instant with an offset, as the keys say; both ends of a span are included, an end that is absent is open. */
export interface Span {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** One row of the coach app's file (domain model 8.4), and what came of it. */
export interface ContactRow {
  readonly externalId: string;
  readonly coachId: string;
  readonly startTime: string;
  readonly kind: string;
  readonly modality: string;
  readonly recordedAt: string;
  readonly endTime?: string | undefined;
  readonly memberEngaged?: boolean | undefined;
  readonly direction?: string | undefined;
  readonly automatic?: boolean | undefined;
  readonly place?: string | undefined;
  readonly supportCategories?: readonly string[] | undefined;
  readonly purpose?: string | undefined;
  readonly goalIds?: readonly string[] | undefined;
  readonly groupSize?: number | undefined;
  readonly individualInteraction?: boolean | undefined;
  readonly therapistPresent?: boolean | undefined;
  readonly mat?: boolean | undefined;
  readonly groupLead?: string | undefined;
  readonly clientPresent?: boolean | undefined;
  readonly partyType?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly documentedAt?: string | undefined;
  readonly signedBy?: string | undefined;
  readonly status?: string | undefined;
  readonly encounterStatus?: string | undefined;
  /** of a collateral contact: ids of the family members who took part */
  readonly parties?: readonly string[];
  /** externalId of the row that this one goes on with after a break */
  readonly partOf?: string | undefined;
}

export interface Waiver extends Span {
  readonly payer: string;
  /** date on which the payer approved it */
  readonly approved?: string;
  /** what was submitted to the payer */
  readonly document?: string;
}

export interface Qualification extends Span {
  readonly code: string;
  readonly number?: string;
  readonly issuer?: string;
  readonly attestedAsOf?: string;
  /** of a recovery-attestation: at least so many months; absent: two years */
  readonly months?: number;
  /** of a training */
  readonly hours?: number;
  readonly waivers?: readonly Waiver[];
}

export interface Role extends Span {
  readonly organization: string;
  readonly role: 'coach' | 'associate' | 'supervisor';
}

export interface Coach {
  readonly id: string;
  /** one role as coach at the episode's organisation; `roles` says it where there are others */
  readonly hire?: string | undefined;
  readonly end?: string | undefined;
  readonly roles?: readonly Role[];
  readonly qualifications: readonly Qualification[];
}

export interface Authorization {
  readonly id: string;
  readonly payer: string;
  /** organisation for which it is asked; absent: the employer */
  readonly provider?: string;
  readonly decision?: 'approved' | 'denied' | 'pending';
  /** when the decision became known: before, the request is pending; absent: decided from the beginning */
  readonly recordedAt?: string;
  readonly requested?: Span;
  readonly authorized?: Span;
  readonly number?: string | undefined;
  /** `review`: the payer's word on this one, where it decides by the item */
  readonly services?: readonly {
    readonly code: string;
    readonly units?: number;
    readonly review?: 'approved' | 'denied' | 'open';
  }[];
  readonly justification?: string | undefined;
  readonly progress?: string;
  /** ids of the authorization that this one is added to, and of the one that it continues */
  readonly parent?: string;
  readonly prior?: string;
  /** quarter hours that the payer allows in all */
  readonly allowance?: number;
}

export interface Charge {
  readonly id: string;
  readonly date: string;
  readonly organization: string;
  readonly status: 'planned' | 'billable' | 'not-billable' | 'aborted' | 'billed' | 'unknown';
}

export interface CarePlan {
  readonly id: string;
  readonly kind: 'wellness' | 'treatment' | 'safe-care';
  /** externalId of the meeting at which it was made */
  readonly contact?: string;
  /** `member`, and ids of coaches */
  readonly contributors: readonly string[];
  readonly goals?: readonly string[];
}

/** An identifier of type SL; `services` say what it is for. */
export interface Licence extends Span {
  readonly services?: readonly string[];
}

export interface Affiliation extends Span {
  readonly id: string;
  readonly partner: string;
  readonly categories: readonly string[];
  /** `document` is absent where nothing is written */
  readonly agreements: readonly { readonly document?: string; readonly clauses: readonly string[] }[];
}

export interface Referral {
  readonly id: string;
  readonly authored: string;
  /** of somebody else; absent: the member of this history */
  readonly of?: string;
  readonly status?: string;
  /** organisation of who asks; absent: the member himself */
  readonly from?: string;
  /** kinds of who asks */
  readonly kinds?: readonly string[];
  readonly to?: readonly string[];
  readonly reason?: boolean;
  /** day on which the referrer attested contact and need */
  readonly attested?: string;
}

/** What the member consents to: that a payer gets a wellness plan. */
export interface PlanConsent extends Span {
  readonly id: string;
  readonly carePlan: string;
  readonly given: string;
  readonly status?: 'active' | 'inactive';
  readonly permits?: boolean;
  /** payers; absent: nobody is named */
  readonly to?: readonly string[];
}

export interface SafeCarePlan extends Span {
  readonly id: string;
  readonly status: string;
  /** by domain: `need`, `no-need`, `declined` */
  readonly domains: Readonly<Record<string, string>>;
  /** by domain: who is to do it */
  readonly activities: Readonly<Record<string, readonly string[]>>;
}

export interface Eligibility {
  readonly authored: string;
  readonly agreement?: boolean;
  /** c1 to c5 of Michigan's section IV */
  readonly criteria: Readonly<
    Record<
      string,
      { readonly said?: boolean; readonly evidence?: readonly string[]; readonly codes?: readonly string[] }
    >
  >;
}

export type Result = 'met' | 'not-met' | 'indeterminate' | 'not-applicable';
export type Value = string | number | boolean | undefined;

/** What an implementation answers to an expectation; what it leaves out differs from whatever was expected of it. */
export interface Answer {
  readonly status?: 'on' | 'off' | 'indeterminate' | 'not-applicable';
  readonly lastDay?: string | undefined;
  readonly daysLeft?: number | undefined;
  readonly contactDate?: string | undefined;
  readonly decidingContact?: string | undefined;
  readonly reason?: string | undefined;
  readonly measure?: { rule: string; result: string; count: number; dueDate?: string | undefined };
  readonly billing?: {
    rule: string;
    result: Result;
    reasons?: readonly string[];
    charge?: string | undefined;
    warning?: string | undefined;
  };
  readonly service?: {
    contact: string;
    result: Result;
    reasons?: readonly string[];
    code?: string | undefined;
    modifiers?: readonly string[] | undefined;
    units?: number | undefined;
    sources?: readonly string[] | undefined;
    warning?: string | undefined;
  };
  readonly rule?: {
    id: string;
    /** the contact, authorization or coach that the rule is asked about, where it is one */
    of?: string | undefined;
    result: Result;
    reasons?: readonly string[];
    figures?: Readonly<Record<string, Value>>;
  };
}

export interface Expectation extends Answer {
  readonly asOf: string;
  readonly knownAt: string;
  readonly coach?: string;
  /** where another ruleset of the member's coverage than the history's is asked */
  readonly ruleset?: string;
}

export interface History {
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly quote: string;
  readonly source: string;
  /** what the answers take the sentence to mean, where it can be read in two ways */
  readonly reading?: string;
  readonly zone: string;
  readonly ruleset: string;
  readonly coverage: readonly { product?: string; planType?: string; payer: string; start?: string; end?: string }[];
  readonly coaches: readonly Coach[];
  readonly episode: {
    readonly start: string;
    readonly end?: string;
    readonly mode?: string;
    readonly acuteCareEnd?: string;
  };
  /** a date; a year or a month where no more is known */
  readonly deceased?: string;
  readonly contacts: readonly ContactRow[];
  /** who bills; absent: the organisation `employer`, which employs the coaches */
  readonly organization?: {
    readonly id: string;
    readonly kind: 'organization' | 'practitioner';
    readonly licences?: readonly Licence[];
  };
  /** what a plan's contract says and its document does not, or another reading of the document: parameters of docs/rulesets.md, by name */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** another reading of how a rule binds, by the rule's id: for every plan type */
  readonly modes?: Readonly<Record<string, 'gate' | 'measure' | 'advisory'>>;
  /** another reading of a measure's days, by the rule's id */
  readonly measures?: Readonly<Record<string, { readonly periodDays: number }>>;
  /** episodes at the same organisation that are over */
  readonly earlierEpisodes?: readonly { readonly start: string; readonly end: string }[];
  readonly affiliations?: readonly Affiliation[];
  /** of the organisation, whoever they are about */
  readonly referrals?: readonly Referral[];
  readonly consents?: readonly PlanConsent[];
  /** what a payer asks for in its review, as codes of docs/rulesets.md's `planDocuments` and others */
  readonly reviewRequests?: readonly {
    readonly id: string;
    readonly payer: string;
    readonly at: string;
    readonly required: readonly string[];
  }[];
  /** a person's decisions to put a plan into a payer's package */
  readonly additions?: readonly {
    readonly carePlan: string;
    readonly payer: string;
    readonly by?: string;
    readonly at: string;
  }[];
  readonly family?: readonly {
    readonly what: 'pregnancy' | 'parenting';
    readonly on: string;
    readonly present: boolean;
  }[];
  readonly safeCarePlans?: readonly SafeCarePlan[];
  /** `reports`: how each report of it stands */
  readonly adverseEvents?: readonly {
    readonly id: string;
    readonly on: string;
    readonly reports: readonly ('open' | 'sent')[];
  }[];
  readonly authorizations?: readonly Authorization[];
  readonly charges?: readonly Charge[];
  readonly carePlans?: readonly CarePlan[];
  readonly goals?: readonly { readonly id: string; readonly contact?: string }[];
  readonly notifications?: readonly {
    readonly id: string;
    readonly payer: string;
    readonly sentAt?: string;
    readonly acknowledgedAt?: string;
  }[];
  readonly fundingSource?: readonly ({ readonly source: 'medicaid' | 'hmp' | 'block-grant' | 'pa2' } & Span)[];
  readonly eligibility?: readonly Eligibility[];
  /** written consents of the client to contact with these family members */
  readonly familyConsents?: readonly ({ readonly id: string; readonly parties: readonly string[] } & Span)[];
  readonly supervisions?: readonly {
    readonly id: string;
    readonly coach: string;
    readonly supervisor: string;
    readonly start: string;
  }[];
  readonly expect: readonly Expectation[];
}
