import { formatPence } from '#kernel';
import { setOf } from '../domain/accounts.js';
import type { Entry } from '../domain/postings.js';
import { called } from './facts.js';
import type { PostingCase } from './posting-cases.js';

/** What every kind of fact posts, as Markdown: each row is what the code made of that case. */
export function postingTableText(
  referral: readonly PostingCase[],
  funding: readonly PostingCase[],
): string {
  return `# The postings

Generated from the code by \`npm run docs\`: do not edit. Each row is a case that was posted.

The **budgetary** accounts say what may still be spent (\`authority → available → committed →
consumed\`), the **financial** ones what is there, owed, earned and spent. Each set of an entry sums to
zero. A prescription's money is what its records earn and commit; a fact posts the difference it makes
to that, each part on the day of the record it is about, so that a correction, a late register or a
new price needs no rule of its own.

## Facts of a referral

${rows(referral)}
## Facts of funds and budgets

\`FundsReserved\`, \`FundsReleased\` and \`FundsDrawn\` guard a pot; they do not post.

${rows(funding)}`;
}

function rows(cases: readonly PostingCase[]): string {
  const head = '| fact | case | rule | budgetary | financial |\n| --- | --- | --- | --- | --- |\n';
  return `${head}${cases.map(caseRow).join('\n')}\n`;
}

function caseRow({ event, when, entries }: PostingCase): string {
  const rules = [...new Set(entries.map(({ rule }) => rule))].join('<br>');
  const side = (set: 'budgetary' | 'financial') => {
    const lines = entries.flatMap((entry) => linesOf(entry, set));
    return lines.length === 0 ? 'none' : lines.join('<br>');
  };
  return `| \`${event}\` | ${when} | ${rules} | ${side('budgetary')} | ${side('financial')} |`;
}

function linesOf({ lines }: Entry, set: 'budgetary' | 'financial'): string[] {
  return lines
    .filter(({ account }) => setOf(account) === set)
    .map(({ account, amount }) =>
      amount > 0n
        ? `Dr ${called(account)} ${formatPence(amount)}`
        : `Cr ${called(account)} ${formatPence(-amount)}`,
    );
}
