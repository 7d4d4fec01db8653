/**
 * Runs every command line of a document as a reader would, in the folder this is started in, and
 * ends with code 1 at the first that fails: `node dist/test/readme/try-commands.js README.md`.
 * What needs another machine (a server, Docker, a second terminal) is marked in the document by
 * another fence than `sh`, or is no command of `npx wayledger`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../bin/wayledger.js', import.meta.url));
const BLOCK = /^```sh\n(?<lines>.*?)^```$/gmsu;

/** The lines of all shell blocks that are to be run; variables set on the way stay set. */
function commandsIn(markdown: string): string[] {
  const lines = [...markdown.matchAll(BLOCK)].flatMap(({ groups }) =>
    (groups?.['lines'] ?? '').split('\n'),
  );
  return lines.filter((line) => /^(?:export WAYLEDGER_|npx wayledger )/u.test(line));
}

const environment = { ...process.env };
let ran = 0;
for (const document of process.argv.slice(2)) {
  for (const line of commandsIn(readFileSync(document, 'utf8'))) {
    const [, name, value] = /^export (\w+)=(.*)$/u.exec(line) ?? [];
    if (name !== undefined) {
      environment[name] = value;
      continue;
    }
    const command = line.replace(/^npx wayledger/u, `"${process.execPath}" "${BIN}"`);
    const { status, stderr } = spawnSync('sh', ['-c', command], {
      env: environment,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    ran += 1;
    if (status === 0) continue;
    process.stderr.write(`${document}: this ended with code ${status}:\n  ${line}\n${stderr}`);
    process.exit(1);
  }
}
process.stdout.write(`${ran} commands of ${process.argv.slice(2).join(', ')} ran as they stand\n`);
// A document whose commands nobody finds would always pass.
if (ran === 0) process.exit(1);
