// Plain JavaScript that any Node can run: it finds a Node that is new enough, then hands over.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const NODE_MIN = [24, 9];
const bundledNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(3);
}

/**
 * The built module `main`, in a Node that can run it: this one, or a second that runs `self`, the
 * script that asks. Then this one ends as that one does, and never answers.
 */
export async function handOver(self, main) {
  if (!existsSync(main)) {
    fail(
      'Wayledger is not built yet: run `npm ci` (or `npm run build`) in its folder, then try again.',
    );
  }
  if (isNewEnough(process.versions.node)) {
    // Handed over by an older Node: what kills that one must not leave this one behind.
    process.channel?.unref();
    process.on('disconnect', () => process.exit(137));
    // Meant for who develops; of what others' code does, nobody at a terminal can do anything.
    process.noDeprecation = true;
    // A quarter less to wait for at every start.
    module.enableCompileCache();
    return import(main.href);
  }
  if (!existsSync(bundledNode)) {
    fail(
      `Wayledger needs Node ${NODE_MIN.join('.')} or newer and this is ${process.versions.node}: ` +
        'run `npm ci` in its folder, which brings one, or install Node 24.',
    );
  }
  const args = [...process.execArgv, fileURLToPath(self), ...process.argv.slice(2)];
  const child = spawn(bundledNode, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  return new Promise(() => {});
}
