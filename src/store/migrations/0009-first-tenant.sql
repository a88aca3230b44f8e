-- The tenant that a name points to; where it points to none, or to `instead_of`, a new one. Processes that start together wait for each
-- other, so one of them makes it: each for itself, the last would have turned the name from under the one that fills its world.
create function tenant_named(tenant_name text, instead_of integer, domain_at timestamptz, wall_at timestamptz, running boolean,
  out tenant integer, out made boolean) language plpgsql volatile security definer set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('tenant ' || tenant_name, 0));
  select n.tenant into tenant from tenant_name n where n.name = tenant_named.tenant_name;
  made := tenant is null or tenant = instead_of;
  if made then tenant := create_tenant(tenant_name, domain_at, wall_at, running); end if;
end $$;
revoke execute on function tenant_named from public;
grant execute on function tenant_named to footbridge_app;
