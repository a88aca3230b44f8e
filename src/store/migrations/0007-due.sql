-- When what is due changes by itself: the first such date of a member or coach in each zone.

create table due_wake (
  tenant    integer not null references tenant,
  subject   text collate "C" not null,           -- Patient/… or Practitioner/…
  zone      text collate "C" not null,
  next_date date not null,
  primary key (tenant, subject, zone)
);
create index due_wake_due on due_wake (tenant, zone, next_date);

alter table due_wake enable row level security;
create policy tenant_only on due_wake
  using (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer))
  with check (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer));
grant select, insert, update, delete on due_wake to footbridge_app;

create index caseload_series_coach on caseload_series (tenant, coach);
