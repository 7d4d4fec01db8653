import { formatPence } from '#kernel';
import type { AccountBalance, LedgerEntry } from '#funding';

/**
 * An anchor's books as a journal for hledger and ledger(1): every account declared, every entry
 * with its event, rule and three dates. Debits are positive. The entries are given in order of the
 * posting date, and are not kept: a journal is as long as the books.
 * Format: https://hledger.org/hledger.html#journal
 */
export async function* journal(
  anchor: string,
  accounts: readonly AccountBalance[],
  entries: AsyncIterable<LedgerEntry>,
): AsyncGenerator<string> {
  yield `; The books of ${anchor}, written by Wayledger. Debits are positive, credits negative.\n`;
  yield '; Tags: event (its id), rule, eff (it happened), rec (it was recorded),\n';
  yield '; corrects (the record whose pay it changes).\n\n';
  yield 'commodity GBP\n    format 1000.00 GBP\n\n';
  for (const { account } of accounts) yield `account ${account}\n`;
  const width = Math.max(0, ...accounts.map(({ account }) => account.length));
  for await (const each of entries) {
    const { posted, occurred, recorded, event, rule, agreement, corrects, lines } = each;
    const of = agreement === undefined ? '' : `, agreement ${agreement}`;
    const tags = [`event:${event}`, `rule:${rule}`, `eff:${occurred}`, `rec:${recorded}`];
    if (corrects !== undefined) tags.push(`corrects:${corrects}`);
    const posting = lines.map(
      ({ account, amount }) =>
        `    ${account.padEnd(width)}  ${formatPence(amount).padStart(12)} GBP\n`,
    );
    yield `\n${posted} ${rule}${of}  ; ${tags.join(', ')}\n${posting.join('')}`;
  }
}
