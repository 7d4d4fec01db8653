import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { inChild } from './child.ts';
const src='/work/main/bench/.cache/spring-15x3-31ef567fc33a';
const d='/tmp/pk3-'+process.pid; mkdirSync(d,{mode:0o700}); cpSync(src+'/log.db',d+'/log.db');
const r = await inChild('rebuild', { place: { data: d, log: { file: d+'/log.db' }, keysOf: src }, beside: true });
console.log(JSON.stringify(r)); rmSync(d,{recursive:true});
