-- Rosters are rows; Group is assembled from them on read. A series carries the date on which its answer next changes by itself.

create table caseload_series (
  tenant          integer not null references tenant,
  episode         text collate "C" not null,
  coach           text collate "C" not null,
  ruleset         text collate "C" not null,   -- url|version
  payer           text collate "C" not null,
  patient         text collate "C" not null,
  owner           text collate "C" not null,
  zone            text collate "C" not null,
  spells          integer not null default 0,  -- spells ever written: the ordinal of the next one
  next_transition date,
  primary key (tenant, episode, coach, ruleset, payer)
);
create index caseload_series_due on caseload_series (tenant, zone, next_transition) where next_transition is not null;
create index caseload_series_patient on caseload_series (tenant, patient);

create table roster (
  tenant  integer not null references tenant,
  payer   text collate "C" not null,
  coach   text collate "C" not null,
  patient text collate "C" not null,
  episode text collate "C" not null,
  ruleset text collate "C" not null,           -- url|version
  owner   text collate "C" not null,
  starts  date not null,
  ends    date not null,
  status_id text collate "C" not null,         -- the Observation that says so
  primary key (tenant, payer, coach, patient, episode, ruleset, starts)
);
create index roster_patient on roster (tenant, patient);
