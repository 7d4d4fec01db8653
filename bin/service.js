#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=16 --heap-growing-percent=50 --no-allocation-site-pretenuring
// With the options of wayledger.js: the service builds read models too.
import { handOver } from './hand-over.js';

await handOver(import.meta.url, new URL('../dist/apps/api/src/main.js', import.meta.url));
