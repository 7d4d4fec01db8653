import { openEngine, type EnginePlace } from '../contestants/engine.ts';
import { BalancesQuery, StatementQuery } from '#funding';
import { CaseloadQuery } from '#referral';
import type { CivilDate, Month, Slug } from '#kernel';
import type { Question } from '../inputs/questions.ts';

/** Each question is asked so often. */
const TIMES = 3;

/** What each kind of question took, in milliseconds. */
export interface Asked {
  readonly balances: readonly number[];
  readonly statements: readonly number[];
  readonly caseloads: readonly number[];
}

/** Asks read models that are built; with `asKnown`, as was known in the middle of the log. */
export default async function query({
  place,
  questions,
  asKnown,
}: {
  readonly place: EnginePlace;
  readonly questions: readonly Question[];
  readonly asKnown: boolean;
}): Promise<Asked> {
  const wayledger = await openEngine(place);
  const [balances, statements, caseloads]: [number[], number[], number[]] = [[], [], []];
  const timed = async (into: number[], ask: () => Promise<unknown>): Promise<void> => {
    const started = performance.now();
    await ask();
    into.push(performance.now() - started);
  };
  try {
    const knownBy = asKnown ? (await wayledger.log.head()) / 2n : undefined;
    for (let time = 0; time < TIMES; time += 1) {
      for (const asked of questions) {
        // Taken from the log: they are what their types say.
        const [anchor, provider] = [asked.anchor as Slug, asked.provider as Slug];
        const month = asked.month as Month;
        await timed(balances, () =>
          wayledger.query(new BalancesQuery(anchor, undefined, undefined, knownBy)),
        );
        await timed(statements, () =>
          wayledger.query(new StatementQuery(anchor, provider, month, knownBy)),
        );
        if (asKnown) continue;
        const [worker, today] = [asked.linkWorker as Slug, `${month}-28` as CivilDate];
        await timed(caseloads, () => wayledger.query(new CaseloadQuery(worker, today)));
      }
    }
    return { balances, statements, caseloads };
  } finally {
    await wayledger.close();
  }
}
