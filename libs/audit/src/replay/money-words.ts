import { formatPence } from '#kernel';
import type { EntryLine } from '#funding';

/**
 * An entry's lines in words: out of which pot or commitment, to whom. Expenses mirror what is
 * consumed and income mirrors what is no longer deferred: neither is told twice.
 */
export function moneyWords(lines: readonly EntryLine[]): string[] {
  return lines.flatMap((line) => {
    const words = wordsOf(line);
    return words === null ? [] : [words];
  });
}

/** Where the account's name is no word. */
const SPENT_ON: Readonly<Record<string, string>> = { noshow: 'missed sessions' };

function wordsOf({ account, amount }: EntryLine): string | null {
  const money = formatPence(amount < 0n ? -amount : amount);
  const isCredit = amount < 0n;
  const [top, anchor, fund, ...rest] = account.split(':');
  if (top === 'budget') return budgetWords(money, isCredit, `${fund} ${rest[0]}`, rest.slice(1));
  const [head, name] = rest;
  if (head === 'accrued') return `${money} ${isCredit ? 'earned' : 'no longer earned'} by ${name}`;
  if (rest[1] === 'ownservice') {
    return `${money} ${isCredit ? 'delivered' : 'no longer delivered'} by ${anchor} itself`;
  }
  if (head !== 'deferred') return null;
  return `${money} of what ${name} gave ${isCredit ? 'no longer earned' : 'earned'} as income`;
}

function budgetWords(
  money: string,
  isCredit: boolean,
  budget: string,
  [head, ...parts]: readonly string[],
): string | null {
  switch (head) {
    case 'available':
      return `${money} ${isCredit ? 'released to' : 'out of'} pot ${parts[0]} (${budget})`;
    case 'committed': {
      const what = `for ${parts[1]} (${parts[2]})`;
      return isCredit ? `${money} committed ${what}` : `${money} out of the commitment ${what}`;
    }
    case 'consumed':
      return `${money} ${isCredit ? 'spent' : 'no longer spent'} on ${SPENT_ON[parts[0] ?? ''] ?? parts[0]}`;
    default:
      return null;
  }
}
