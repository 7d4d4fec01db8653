import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = new URL('../../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');

test('whatever builds read models is started with the same options for memory', () => {
  const [started = ''] = read('bin/wayledger.js').split('\n');
  expect(started).toMatch(/^#!\/usr\/bin\/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=/);
  expect(read('bin/service.js').split('\n')[0]).toBe(started);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  // Started by name, so that their first lines are read: `node bin/…` would pass them over.
  expect(scripts).toMatchObject({
    start: 'exec bin/service.js',
    demo: 'exec bin/wayledger.js demo',
  });
  for (const file of ['bin/service.js', 'bin/wayledger.js']) {
    expect(statSync(fileURLToPath(new URL(file, ROOT))).mode & 0o111).toBe(0o111);
  }
  expect(scripts['scale']).toBe(`${started.replace(/^.* -S /, '')} dist/test/scale/scale.js`);
});
