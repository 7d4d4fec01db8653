/** Installs what only the bench needs, where that is missing or older than its lock, and runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;

function isInstalled() {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs;
}

/** A terminal tells both of its interruption; of anything else this one alone hears. */
async function run(program, args, options = {}) {
  const child = spawn(program, args, { stdio: 'inherit', ...options });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => undefined);
  const [status] = await once(child, 'exit');
  return status ?? 1;
}

/** As npm would do it; what npm itself was started by knows where npm is. */
function install() {
  const npm = process.env.npm_execpath;
  const [program, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  return run(program, [...args, 'ci', '--no-audit', '--no-fund'], { cwd: folder });
}

const installed = isInstalled() ? 0 : await install();
process.exitCode =
  installed === 0
    ? await run(process.execPath, [
        '--import',
        new URL('wayledger.js', import.meta.url).href,
        '--disable-warning=ExperimentalWarning',
        join(folder, 'src', 'main.ts'),
        ...process.argv.slice(2),
      ])
    : installed;
