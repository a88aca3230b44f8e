import { isDeepStrictEqual } from 'node:util';
import { FhirClient, type FhirReply, type SandboxClient } from '../client.ts';

/** What a step did and whether it came out as it should. */
export interface StepReport {
  readonly title: string;
  readonly sent: string;
  readonly cameBack: string;
  readonly means: string;
  readonly differs: readonly string[];
}

export interface Expectation {
  readonly what: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

/** The demo's partners and its report: every step is told, and every claim that it makes is compared with what came back. */
export class Stage {
  readonly steps: StepReport[] = [];
  readonly #clients: Map<string, FhirClient>;
  readonly #tell: (step: StepReport, number: number) => void;

  constructor(clients: readonly SandboxClient[], tell: (step: StepReport, number: number) => void) {
    this.#clients = new Map(clients.map((client) => [client.name, new FhirClient(client)]));
    this.#tell = tell;
  }

  as(name: string): FhirClient {
    const client = this.#clients.get(name);
    if (!client)
      throw new Error(
        `sandbox-clients.json has no client ${name}: start the server again, so that it writes the file anew.`,
      );
    return client;
  }

  step(report: Omit<StepReport, 'differs'>, expectations: readonly Expectation[]): void {
    const differs = expectations
      .filter(({ actual, expected }) => !isDeepStrictEqual(actual, expected))
      .map(
        ({ actual, expected, what }) => `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
      );
    const step = { ...report, differs };
    this.steps.push(step);
    this.#tell(step, this.steps.length);
  }

  /** Asks again until the answer fits: what was sent becomes an answer a moment later. */
  async until(
    ask: () => Promise<FhirReply>,
    fits: (reply: FhirReply) => boolean,
    milliseconds = 10_000,
  ): Promise<FhirReply> {
    const end = Date.now() + milliseconds;
    for (;;) {
      const reply = await ask();
      if (fits(reply) || Date.now() > end) return reply;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
