-- The second wall. The application role owns nothing and sees nothing until its transaction says which tenant it serves.

do $$
declare t text;
begin
  foreach t in array array['tenant_clock', 'setting', 'client', 'access_token', 'used_jti', 'resource', 'resource_history',
    'search_key', 'search_date', 'share', 'coverage_span', 'consent_grant', 'outbox', 'idempotency_key', 'audit', 'audit_default',
    'schedule_run', 'caseload_series', 'roster', 'tenant']
  loop
    execute format('alter table %I enable row level security', t);
    execute format($policy$create policy tenant_only on %I
      using (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer))
      with check (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer))$policy$, t);
  end loop;
end $$;

alter table tenant_name enable row level security;
-- A request names its tenant before it has one; names are in URLs and hold nothing about a person.
create policy readable on tenant_name for select using (true);
alter table installation enable row level security;
create policy readable on installation for select using (true);

grant usage on schema footbridge to footbridge_app;
grant select on tenant, tenant_name, tenant_clock, installation to footbridge_app;
grant update on tenant_clock to footbridge_app;
grant select, insert, update on setting, client, access_token, schedule_run, caseload_series, resource, idempotency_key to footbridge_app;
grant select, insert on resource_history, audit, used_jti to footbridge_app;
grant delete on access_token, used_jti, idempotency_key, caseload_series to footbridge_app;
grant select, insert, delete on search_key, search_date, share, coverage_span, consent_grant to footbridge_app;
grant select, insert, update, delete on outbox, roster to footbridge_app;
grant usage on all sequences in schema footbridge to footbridge_app;

-- The few questions that go across tenants answer with tenant numbers only.
create function tenants_with_work() returns setof integer language sql stable security definer set search_path from current as
$$ select distinct tenant from outbox where parked is null $$;
create function all_tenants() returns setof integer language sql stable security definer set search_path from current as
$$ select n.tenant from tenant_name n order by 1 $$;
create function create_tenant(tenant_name text, domain_at timestamptz, wall_at timestamptz, running boolean) returns integer
language plpgsql security definer set search_path from current as $$
declare made integer;
begin
  insert into tenant (created_at) values (wall_at) returning tenant into made;
  insert into tenant_clock values (made, domain_at, wall_at, running);
  insert into setting values (made, 'cursor-key', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  insert into tenant_name values (tenant_name, made) on conflict (name) do update set tenant = excluded.tenant;
  return made;
end $$;
revoke execute on all functions in schema footbridge from public;
grant execute on all functions in schema footbridge to footbridge_app;
