import type { Command } from 'commander';
import { verify, type Check } from '#audit';
import { EXIT, bad, dim, good, print, printJson } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import type { Wayledger } from '#engine';
import { catchUpShown, withExisting, type CommonOptions } from './common.js';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .summary('prove the books from the log')
    .description(
      'Proves the books from the log: the log itself, every invariant of the ledger, every balance ' +
        "against a second model, the budgets' guard against the ledger, and the read models against " +
        'a rebuild.',
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const checks = await runChecks(wayledger, async (check) => {
          if (flags.json !== true) await print(checkText(check));
        });
        const failed = checks.filter(({ ok }) => !ok).length;
        if (flags.json === true) await printJson({ ok: failed === 0, checks });
        else await print(conclusion(checks.length, failed));
        return failed === 0 ? EXIT.done : EXIT.notAll;
      });
    });
}

export async function runChecks(
  wayledger: Wayledger,
  onCheck: (check: Check) => Promise<void>,
): Promise<Check[]> {
  const checks: Check[] = [];
  const bar = progressLine('verifying', 'events');
  for await (const check of verify(wayledger, bar.follow)) {
    checks.push(check);
    bar.end();
    await onCheck(check);
  }
  return checks;
}

export function checkText({ name, ok, details }: Check): string {
  if (ok)
    return `${good('✓')} ${name}${details.length > 0 ? dim(` (${details.join(', ')})`) : ''}\n`;
  return `${bad('✗')} ${name}\n${details.map((detail) => `    ${detail}\n`).join('')}`;
}

export function conclusion(checks: number, failed: number): string {
  return failed === 0
    ? `${good(`All ${checks} checks hold.`)}\n`
    : `${bad(`${failed} of ${checks} checks do not hold.`)}\n`;
}
