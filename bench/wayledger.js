/**
 * Lets the bench say `#event-log` as the product does, though it is a package of its own: what is
 * measured is what ships, the product's own build. `#dist/…` is any other file of that build.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const root = new URL('../', import.meta.url);
const bench = new URL('./src/', import.meta.url).href;
const { imports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

registerHooks({
  resolve(specifier, context, next) {
    if (context.parentURL?.startsWith(bench) !== true) return next(specifier, context);
    const target = specifier.startsWith('#dist/') ? specifier.slice(1) : imports[specifier];
    return target === undefined
      ? next(specifier, context)
      : next(new URL(target, root).href, context);
  },
});
