-- Tenants, their clocks, their clients. Every key begins with the tenant (architecture, section 4).

create table tenant (
  tenant     integer generated always as identity primary key,
  created_at timestamptz not null
);

-- A name points to a tenant; resetting a sandbox points its name to a new one, so insert-only tables stay insert-only.
create table tenant_name (
  name   text collate "C" primary key,
  tenant integer not null references tenant
);

-- Which installation this is: what it keeps in a shared Redis bears its id.
create table installation (
  id uuid primary key default gen_random_uuid()
);
insert into installation default values;

-- Domain time of a tenant: domain_at, and from wall_at on it runs with the wall clock when running.
create table tenant_clock (
  tenant    integer primary key references tenant,
  domain_at timestamptz not null,
  wall_at   timestamptz not null,
  running   boolean not null
);

create function tenant_clock_never_back() returns trigger language plpgsql as $$
declare
  stands timestamptz := old.domain_at;
begin
  if old.running then stands := stands + greatest(new.wall_at - old.wall_at, interval '0'); end if;
  if new.domain_at < stands then
    raise exception 'the clock of tenant % stands at % and cannot move back to %', old.tenant, stands, new.domain_at using errcode = 'FB001';
  end if;
  return new;
end $$;

create trigger never_back before update on tenant_clock for each row execute function tenant_clock_never_back();

-- Secrets and settings that every node shares, e.g. the key that signs page cursors.
create table setting (
  tenant integer not null references tenant,
  name   text collate "C" not null,
  value  bytea not null,
  primary key (tenant, name)
);

create table client (
  tenant       integer not null references tenant,
  client_id    text collate "C" not null,
  name         text not null,
  kind         text not null check (kind in ('ehr', 'coach-app', 'referrer', 'plan', 'auditor', 'admin')),
  organization text collate "C",               -- id of its Organization; null for auditor and admin
  jwks         jsonb,
  jwks_url     text,
  scopes       text not null,
  audience     text not null default 'smart' check (audience in ('smart', 'issuer')),
  created_at   timestamptz not null,
  disabled_at  timestamptz,
  primary key (tenant, client_id),
  check ((jwks is null) <> (jwks_url is null)),
  check (kind in ('auditor', 'admin') or organization is not null)
);

create table access_token (
  tenant     integer not null,
  token_hash bytea not null,                   -- SHA-256 of the opaque token
  client_id  text collate "C" not null,
  scopes     text not null,
  issued_at  timestamptz not null,             -- wall clock
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant, token_hash),
  foreign key (tenant, client_id) references client
);
create index access_token_expiry on access_token (tenant, expires_at);

-- RFC 7523 jti: the primary key makes the first use the only one, on all nodes and over restarts.
create table used_jti (
  tenant     integer not null,
  client_id  text collate "C" not null,
  jti        text collate "C" not null,
  expires_at timestamptz not null,
  primary key (tenant, client_id, jti)
);
create index used_jti_expiry on used_jti (tenant, expires_at);
