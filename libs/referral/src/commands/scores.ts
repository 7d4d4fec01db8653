import { CommandRefused, refuse, type EventId, type PersonId } from '#kernel';
import { open, type KeyStore } from '#people';
import type { Loaded } from '#event-log';
import { standing } from '../domain/entries.js';
import type { ReferralFact, referralEvents } from '../domain/events.js';
import type { ReferralState } from '../domain/state.js';

type History = Pick<Loaded<typeof referralEvents, ReferralState>, 'facts' | 'state'>;
const FIELD = 'scoreHundredths';

/** Opens the scores of assessments, which lie sealed, for the one decision that needs them. */
export class Scores {
  constructor(private readonly keys: KeyStore) {}

  /**
   * In hundredths of a point, as they now stand; an assessment without a score is left out.
   * @throws CommandRefused when the person was erased
   */
  async of({ facts, state }: History, events: readonly EventId[]): Promise<Map<EventId, number>> {
    const scores = new Map<EventId, number>();
    for (const event of events) {
      const amendment = standing(state?.corrections ?? [], event)?.event;
      const [amended, recorded] = [amendment, event].map((id) => facts.find((f) => f.id === id));
      // Answers amended to ones without a score leave none, whatever was scored before.
      const anew = sealed(amended, 'answers') ?? sealed(amended, FIELD);
      const source = anew === undefined ? recorded : amended;
      const text = sealed(source, FIELD);
      if (source !== undefined && text !== undefined) {
        scores.set(event, await this.opened(source, text));
      }
    }
    return scores;
  }

  private async opened(fact: ReferralFact, { person, text }: SealedText): Promise<number> {
    const place = { person, event: fact.id, type: fact.type };
    const fields = await open(this.keys, place, { [FIELD]: text });
    if (fields !== 'erased') return Number(fields[FIELD]);
    throw new CommandRefused([
      refuse(
        'person-erased',
        'The person was erased, and the scores with them: no outcome can be determined any more.',
        { field: 'referral' },
      ),
    ]);
  }
}

interface SealedText {
  readonly person: PersonId;
  readonly text: string;
}

function sealed(fact: ReferralFact | undefined, field: string): SealedText | undefined {
  // The keys of what is sealed are the people it is sealed for.
  const entries = Object.entries(fact?.sealed ?? {}) as [PersonId, Record<string, string>][];
  const [found] = entries.flatMap(([person, { [field]: text }]) =>
    text === undefined ? [] : [{ person, text }],
  );
  return found;
}
