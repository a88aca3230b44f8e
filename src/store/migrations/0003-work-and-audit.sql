-- What asks for work, what was done once, and who saw what.

create table outbox (
  tenant     integer not null references tenant,
  seq        bigint generated always as identity,
  changed    xid8 not null default pg_current_xact_id(),
  type       text collate "C" not null,
  id         text collate "C" not null,
  version    integer not null,
  patient    text collate "C",                 -- null: a change to a coach, which fans out to the members of that coach
  created_at timestamptz not null default clock_timestamp(),
  attempts   integer not null default 0,
  parked     text,                             -- why work on it gave up; a person looks
  primary key (tenant, seq)
);
create index outbox_patient on outbox (tenant, patient) where parked is null;

create table idempotency_key (
  tenant     integer not null,
  client_id  text collate "C" not null,
  route      text collate "C" not null,
  key        text collate "C" not null,
  body_hash  bytea not null,
  status     integer not null,
  headers    jsonb not null,
  body       text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (tenant, client_id, route, key)
);

-- One row an access, written in its transaction; a BALP AuditEvent is rendered from it on read.
create table audit (
  tenant      integer not null,
  at          timestamptz not null default clock_timestamp(), -- wall clock: when it really happened
  seq         bigint generated always as identity,
  changed     xid8 not null default pg_current_xact_id(),
  client_id   text collate "C" not null,       -- 'footbridge' for our own jobs
  interaction text collate "C" not null,       -- R4 restful-interaction or operation code
  type        text collate "C",
  entity      text[] collate "C" not null default '{}', -- 'Type/id/_history/version'
  patients    text[] collate "C" not null default '{}',
  query       text,
  outcome     smallint not null,               -- HTTP status
  request_id  text collate "C",
  primary key (tenant, at, seq)
) partition by range (at);
create table audit_default partition of audit default;

-- Months ahead are made by the nightly job; the default partition makes sure that an audit row never fails for want of one.
create function ensure_audit_partition(month date) returns void language plpgsql security definer set search_path from current as $$
declare
  first date := date_trunc('month', month);
  name text := 'audit_' || to_char(first, 'YYYY_MM');
begin
  if to_regclass(name) is null and not exists (select from audit_default where at >= first and at < first + interval '1 month') then
    execute format('create table %I partition of audit for values from (%L) to (%L)', name, first::timestamptz, (first + interval '1 month')::timestamptz);
    execute format('alter table %I enable row level security', name);
  end if;
end $$;

-- Exactly one run for each tenant, job, zone and local date, with any number of processes; `fence` rejects a zombie's writes.
create table schedule_run (
  tenant      integer not null references tenant,
  job         text collate "C" not null,
  zone        text collate "C" not null,
  local_date  date not null,
  fence       bigint not null,
  status      text not null check (status in ('running', 'done')),
  lease_until timestamptz not null,            -- wall clock
  cursor      text,
  members     integer not null default 0,
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (tenant, job, zone, local_date)
);
create sequence fence;
