import type { Client } from 'pg';

/** Invented members and their contacts straight in the store, with the index entries that the server would write. */
export const patientOf = (index: number): string => `p${index}`;
export const organizationOf = (index: number): string => `org-${index % 4}`;
const encountersEach = 20;

/** Fills tenant 1 and returns how many resources it has then. */
export async function fillWorld(owner: Client, patients: number): Promise<number> {
  await owner.query(`select create_tenant('main', now(), now(), true)`);
  await owner.query(
    `insert into resource (tenant, type, id, version, last_updated, owner, patient, view_updated, keys, content)
      select 1, 'Patient', 'p' || n, 1, t, 'org-' || n % 4, 'p' || n, t,
        array['Patient.identifier=' || n, 'Patient.identifier=urn:bench|' || n, 'Patient.family=family' || n % 500, 'Patient.name=family' || n % 500,
          'Patient.gender=unknown', 'Patient.gender=|unknown', '@birthdate=' || d || 'T00:00:00.000Z/' || d || 'T23:59:59.999Z'],
        json_build_object('resourceType', 'Patient', 'id', 'p' || n, 'identifier', json_build_array(json_build_object('system', 'urn:bench', 'value', n::text)),
          'name', json_build_array(json_build_object('family', 'Family' || n % 500)), 'birthDate', d, 'text', repeat('x', 400))::text
      from (select n, timestamptz '2026-01-01Z' + n * interval '1 minute' as t, to_char(date '1950-01-01' + n % 18000, 'YYYY-MM-DD') as d
        from generate_series(0, $1::int - 1) as n) as people`,
    [patients],
  );
  await owner.query(
    `insert into resource (tenant, type, id, version, last_updated, owner, patient, view_updated, keys, content)
      select 1, 'Encounter', 'e' || n, 1, t, 'org-' || p % 4, 'p' || p, t,
        array['Encounter.patient=Patient/p' || p, 'Encounter.subject=Patient/p' || p, 'Encounter.status=' || s, 'Encounter.status=|' || s,
          'Encounter.class=AMB', 'Encounter.class=http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB', '@date=' || d || 'T10:00:00.000Z/' || d || 'T10:40:00.999Z'],
        json_build_object('resourceType', 'Encounter', 'id', 'e' || n, 'status', s, 'subject', json_build_object('reference', 'Patient/p' || p),
          'period', json_build_object('start', d || 'T10:00:00Z', 'end', d || 'T10:40:00Z'), 'text', repeat('x', 400))::text
      from (select n, n / ${encountersEach} as p, timestamptz '2026-01-01Z' + n * interval '1 second' as t,
          case when n % 1000 = 0 then 'planned' else 'finished' end as s, to_char(date '2024-01-01' + n % 1000, 'YYYY-MM-DD') as d
        from generate_series(0, $1::int - 1) as n) as contacts`,
    [patients * encountersEach],
  );
  await owner.query(
    `insert into search_key select r.tenant, k, r.id from resource r, unnest(r.keys) as k where k not like '@%'`,
  );
  await owner.query(
    `insert into search_date select r.tenant, r.type, substr(split_part(k, '=', 1), 2), split_part(split_part(k, '=', 2), '/', 1)::timestamptz,
        split_part(split_part(k, '=', 2), '/', 2)::timestamptz, r.id from resource r, unnest(r.keys) as k where k like '@%'`,
  );
  const counted = await owner.query<{ count: string }>('select count(*) from resource');
  return Number(counted.rows[0]?.count);
}
