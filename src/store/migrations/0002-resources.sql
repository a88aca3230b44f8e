-- Current resources, their history, and what finds them.

create table resource (
  tenant       integer not null references tenant,
  type         text collate "C" not null,
  id           text collate "C" not null,
  version      integer not null,
  last_updated timestamptz not null,           -- tenant clock: the recorded time that knownAt compares
  deleted      boolean not null default false,
  owner        text collate "C" not null,      -- Organization that wrote it; '' is the tenant's own directory
  patient      text collate "C",               -- the Patient whose compartment holds it
  mixed        boolean not null default false, -- names more than one Patient: never shown by compartment
  audience     text collate "C",               -- payer Organization that a caseload status is made for
  view_version integer not null default 1,     -- version and time of what a masked reader sees: a change behind the mask
  view_updated timestamptz not null,           -- must not show in its ETag
  keys         text[] collate "C" not null default '{}', -- the index entries of this version: what an update removes, what sorts and tests a row once it is found
  content      text not null,                  -- JSON as served; '' for a tombstone
  changed      xid8 not null default pg_current_xact_id(),
  primary key (tenant, type, id)
);
create index resource_patient on resource (tenant, patient, type) where patient is not null;
-- A list asks for it with `version > 0`, which is always true: without statistics it would cost the same as the primary key, and a
-- look-up by id would walk the whole type (ADR 0003).
create index resource_updated on resource (tenant, type, last_updated, id) where version > 0;

-- Superseded versions only; the current one stands in resource.
create table resource_history (
  tenant       integer not null references tenant,
  type         text collate "C" not null,
  id           text collate "C" not null,
  version      integer not null,
  last_updated timestamptz not null,
  deleted      boolean not null,
  owner        text collate "C" not null,
  patient      text collate "C",
  mixed        boolean not null,
  audience     text collate "C",
  content      text not null,
  changed      xid8 not null,
  primary key (tenant, type, id, version)
);
create index history_patient on resource_history (tenant, patient, type) where patient is not null;

-- Token, reference, string and uri parameters: key is 'Type.param=value'. The primary key is the index: equality and ranges of
-- text are leakproof, so row-level security does not turn them into a sequential scan (ADR 0003).
create table search_key (
  tenant integer not null,
  key    text collate "C" not null,
  id     text collate "C" not null,
  primary key (tenant, key, id)
);

-- Date parameters as the period they cover, both ends inclusive.
create table search_date (
  tenant integer not null,
  type   text collate "C" not null,
  param  text collate "C" not null,
  lo     timestamptz not null,
  hi     timestamptz not null,
  id     text collate "C" not null,
  primary key (tenant, type, param, lo, id, hi)
);

-- What an organisation may see beside its own: a referral addressed to it, with the request and the person referred.
create table share (
  tenant       integer not null,
  organization text collate "C" not null,
  type         text collate "C" not null,
  id           text collate "C" not null,
  source       text collate "C" not null,      -- the Task it rests on, 'Task/{id}'
  writable     boolean not null,
  primary key (tenant, organization, type, id, source)
);
create index share_source on share (tenant, source);

-- Coverage as the rules and the visibility builder read it: who pays for whom, from when to when.
create table coverage_span (
  tenant   integer not null,
  coverage text collate "C" not null,
  owner    text collate "C" not null,
  patient  text collate "C" not null,
  payer    text collate "C" not null,          -- Organization id
  starts   date not null,
  ends     date not null,                      -- 'infinity' while open
  primary key (tenant, coverage, payer)
);
create index coverage_span_patient on coverage_span (tenant, patient, payer);

-- What an active Consent permits a plan to read. `care_plans` null: every CarePlan; otherwise the named ones.
create table consent_grant (
  tenant          integer not null,
  consent         text collate "C" not null,
  owner           text collate "C" not null,
  patient         text collate "C" not null,
  recipient       text collate "C" not null,   -- Organization id
  starts          date not null,
  ends            date not null,
  caseload_status boolean not null,
  care_plan       text collate "C",            -- '*' for all, an id for one, null for none
  primary key (tenant, consent, recipient, patient, starts)
);
create index consent_grant_patient on consent_grant (tenant, patient, recipient);
