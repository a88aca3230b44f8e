-- Charges that Footbridge cut, by member: whether a change can make a charge wrong is asked at each write of what only billing reads.
create index resource_cut_charge on resource (tenant, patient) where type = 'ChargeItem' and not deleted and content like '%/charge-basis"%';

-- Who has an episode, in the order of members: a run that goes through all of them stops at the end of its page.
create index resource_episode on resource (tenant, patient) where type = 'EpisodeOfCare' and patient is not null;

-- Members share 64 of these locks: few enough that a transaction may hold all of them, many enough that members rarely meet.
create function charge_lock(of_tenant integer, of_patient text) returns bigint language sql immutable set search_path from current as
$$ select hashtextextended('charge ' || of_tenant, abs(hashtext(of_patient) % 64)) $$;

-- Whether Footbridge has cut a charge of the member, or is just doing so. It never waits; where it says no, who is about to cut one waits
-- for the transaction that asked. Volatile: looks with a snapshot of its own, taken when the lock is held, so no commit slips between.
create function may_be_charged(of_tenant integer, of_patient text) returns boolean language plpgsql volatile set search_path from current as $$
begin
  if not pg_try_advisory_xact_lock_shared(charge_lock(of_tenant, of_patient)) then return true; end if;
  return exists (select from resource where tenant = of_tenant and patient = of_patient
    and type = 'ChargeItem' and not deleted and content like '%/charge-basis"%');
end $$;
revoke execute on function charge_lock, may_be_charged from public;
grant execute on function charge_lock, may_be_charged to footbridge_app;

-- Billing periods that Footbridge closes, one row an organisation, ruleset and period, written when a nightly run begins with it.
create table billing_close (
  tenant       integer not null references tenant,
  organization text collate "C" not null,      -- id of the Organization whose period it is
  ruleset      text collate "C" not null,      -- url: another version of it closes no day again
  starts       date not null,
  ends         date not null,
  zone         text collate "C" not null,
  local_date   date not null,                  -- of the run that closes it
  closed_at    timestamptz,                    -- the tenant's clock; null: the run is under way
  primary key (tenant, organization, ruleset, starts)
);

alter table billing_close enable row level security;
create policy tenant_only on billing_close
  using (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer))
  with check (tenant = (select nullif(current_setting('footbridge.tenant', true), '')::integer));
grant select, insert, update, delete on billing_close to footbridge_app;
