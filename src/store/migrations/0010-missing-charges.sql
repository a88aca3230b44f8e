-- Whether Footbridge has cut a charge of the member, is just doing so, or closes the books of who serves the member: there a change can make
-- a day billable that was closed without a charge. The rest is as in 0008.
create or replace function may_be_charged(of_tenant integer, of_patient text) returns boolean language plpgsql volatile set search_path from current as $$
begin
  if not pg_try_advisory_xact_lock_shared(charge_lock(of_tenant, of_patient)) then return true; end if;
  return exists (select from resource where tenant = of_tenant and patient = of_patient
      and type = 'ChargeItem' and not deleted and content like '%/charge-basis"%')
    or exists (select from resource where tenant = of_tenant and patient = of_patient and type = 'EpisodeOfCare'
      and owner = any (array(select organization from billing_close where tenant = of_tenant)));
end $$;

-- A member's charges are judged anew in the night on which something that lay ahead comes true (subject `Account/` and the member's id). Who
-- was charged before is looked at in the next night.
insert into due_wake (tenant, subject, zone, next_date)
  select distinct tenant, 'Account/' || patient, 'America/New_York', current_date from resource
    where type = 'ChargeItem' and not deleted and patient is not null and content like '%/charge-basis"%'
  on conflict do nothing;
