/** Installs what only the bench needs, where that is missing or older than its lock, and runs it. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;

function isInstalled() {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs;
}

function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** As npm would do it; what npm itself was started by knows where npm is. */
function install() {
  const npm = process.env.npm_execpath;
  const [program, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  return run(program, [...args, 'ci', '--no-audit', '--no-fund'], { cwd: folder });
}

const installed = isInstalled() ? 0 : install();
process.exitCode =
  installed === 0
    ? run(process.execPath, [
        '--import',
        new URL('wayledger.js', import.meta.url).href,
        '--disable-warning=ExperimentalWarning',
        join(folder, 'src', 'main.ts'),
        ...process.argv.slice(2),
      ])
    : installed;
