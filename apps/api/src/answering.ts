import type { Request, Response } from 'express';
import { toJson } from '#kernel';
import { PROBLEM_TYPE, problem } from './problems/problem.js';

const JSON_TYPE = 'application/json';

/** Everything here answers in JSON, and says so before anything is done. */
export function accepts(request: Request): void {
  if (request.accepts([JSON_TYPE, PROBLEM_TYPE]) !== false) return;
  throw problem('not-acceptable', `The answer is ${JSON_TYPE}: send it in Accept, or no Accept.`);
}

/** Pence and positions as exact integers. The frame's own `send` would answer 304 by itself. */
export function send(response: Response, body: object): void {
  response.setHeader('Content-Type', JSON_TYPE);
  response.end(toJson(body));
}
