import type { Encounter, Observation, Patient, Period, Resource } from '@medplum/fhirtypes';

/** Numbers that look random and are the same on every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random resources over few values, so that most queries find some and miss some. */
export class World {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  maybe<T>(make: () => T, chance = 0.7): T | undefined {
    return this.random() < chance ? make() : undefined;
  }

  patient(): Patient {
    return compact({
      resourceType: 'Patient' as const,
      identifier: this.maybe(() => [
        compact({ system: this.maybe(() => this.pick(systems)), value: this.pick(['1', '2', 'a,b', 'x|y', '3']) }),
      ]),
      name: [compact({ family: this.pick(families), given: this.maybe(() => [this.pick(givens), this.pick(givens)]) })],
      active: this.maybe(() => this.random() < 0.5),
      gender: this.maybe(() => this.pick(['female', 'male', 'unknown'] as const)),
      birthDate: this.maybe(() => this.pick(['1980', '1980-05', '1980-05-01', '1980-12-31', '1992-02-29', '2001'])),
      address: this.maybe(() => [{ line: ['1 Elm St.'], city: this.pick(['Worcester', 'West-Boylston', 'Œuf']) }]),
    });
  }

  encounter(patientId: string, serviceProvider: string): Encounter {
    return compact({
      resourceType: 'Encounter' as const,
      status: this.pick(['planned', 'finished', 'cancelled'] as const),
      class: { system: actCode, code: this.pick(['AMB', 'VR', 'HH']) },
      type: this.maybe(() => [
        {
          coding: [
            compact({ system: this.maybe(() => this.pick(systems)), code: this.pick(codes) }),
            { system: 'urn:s:c', code: this.pick(codes) },
          ],
        },
      ]),
      subject: { reference: `Patient/${patientId}` },
      serviceProvider: this.maybe(() => ({ reference: `Organization/${serviceProvider}` }), 0.4),
      period: this.maybe(() => this.period(), 0.9),
    });
  }

  observation(patientId: string): Observation {
    return compact({
      resourceType: 'Observation' as const,
      status: 'final' as const,
      code: { coding: [{ system: this.pick(systems), code: this.pick(codes) }], text: 'o' },
      subject: { reference: `Patient/${patientId}` },
      effectiveDateTime: this.maybe(() => this.pick(instants)),
      valueString: this.maybe(() => this.pick(['Calm, steady', 'calm', 'CRAVING', '100%', 'a_b'])),
    });
  }

  /** Starts and ends from lists of their own: the server refuses a period that ends before it starts. */
  period(): Period {
    const start = this.maybe(() => this.pick(instants.slice(0, 5)), 0.9);
    return compact({ start, end: start === undefined ? this.pick(ends) : this.maybe(() => this.pick(ends)) });
  }
}

export const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
export const systems = ['urn:s:a', 'urn:s:b', 'http://example.org/s'];
export const codes = ['c1', 'c2', 'c3'];
export const families = ['Álvarez', 'alvarez', "O'Neill", 'Oneill', 'Van der Berg', 'Berg', 'Ng', '李'];
export const givens = ['Ana', 'anna', 'José', 'Robin', 'R.'];
export const instants = [
  '2026-02-28T23:30:00-05:00',
  '2026-03-01',
  '2026-03-01T00:00:00Z',
  '2026-03-01T10:00:00Z',
  '2026-03-01T10:00:00.500Z',
  '2026-03-01T23:59:59+02:00',
  '2026-03-02T00:00:00Z',
  '2026-03-08T02:30:00-05:00',
  '2026-04',
  '2027',
];

const ends = instants.slice(6);

/** Without the members that are undefined: JSON has none, and exact optional properties allow none. */
export function compact<T extends object>(value: T): Compacted<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Compacted<T>;
}

type Compacted<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

export type Stored = Resource & { id: string; meta: { lastUpdated: string } };
