-- Full recomputations: asked for by an administrator, or by a process that finds other rulesets than the last one had.

create table recomputation (
  tenant       integer not null references tenant,
  id           bigint generated always as identity,
  reason       text collate "C" not null check (reason in ('request', 'ruleset-change')),
  requested_by text collate "C" not null,
  requested_at timestamptz not null,             -- the tenant's clock
  status       text collate "C" not null default 'waiting' check (status in ('waiting', 'running', 'done')),
  fence        bigint not null default 0,
  lease_until  timestamptz not null default clock_timestamp(), -- wall clock
  cursor       text collate "C",                 -- patient after which an interrupted run goes on
  total        integer not null,                 -- members when it was asked for
  members      integer not null default 0,       -- of them done
  changed      integer not null default 0,       -- of those, members for whom something was written
  finished_at  timestamptz,
  primary key (tenant, id)
);
-- One at a time: whoever asks while one is under way is told of that one.
create unique index recomputation_open on recomputation (tenant) where status <> 'done';

alter table recomputation enable row level security;
create policy tenant_only on recomputation
  using (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer))
  with check (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer));
grant select, insert, update on recomputation to footbridge_app;
grant usage on all sequences in schema footbridge to footbridge_app;
