#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=16 --heap-growing-percent=50 --no-allocation-site-pretenuring
// On a large machine Node lets garbage of some hundred megabytes lie, and glibc keeps memory for each
// thread: with these options, the only ones that can say so, a rebuild takes a third less. The last
// keeps V8 from taking the rows of a page for long-lived, which has the whole heap collected four
// times as often.
import { handOver } from './hand-over.js';

const main = new URL('../dist/apps/cli/src/main.js', import.meta.url);
const { run } = await handOver(import.meta.url, main);
await run(process.argv);
