import { Controller, Get, Inject, Req, Res, type Type } from '@nestjs/common';
import type { Request, Response } from 'express';
import { refuse } from '#kernel';
import { areRefusals, readFields } from '#interop';
import { LOG_START } from '#event-log';
import { Wayledger } from '#engine';
import { ForOperator } from '../access.js';
import { accepts, send } from '../answering.js';
import { etagOf } from '../commands/headers.js';
import { Freshness } from '../freshness.js';
import { ProblemRaised } from '../problems/problem.js';
import { cursorOf, listOf, placeIn } from './paging.js';
import type { PagedReading, Reading } from './parameters.js';
import type { QueryRoute } from './route.js';
import { queryRoutes } from './routes.js';

/** Parameters are read and checked, the read models awaited; the rest is the route's own. */
function controllerOf(route: QueryRoute): Type {
  @Controller(route.path.replace(/\{(\w+)\}/gu, ':$1'))
  @ForOperator()
  class QueryController {
    constructor(
      @Inject(Wayledger) private readonly wayledger: Wayledger,
      @Inject(Freshness) private readonly freshness: Freshness,
    ) {}

    @Get()
    async find(@Req() request: Request, @Res() response: Response): Promise<void> {
      accepts(request);
      const parameters: Reading & Partial<PagedReading> = readParameters(route, request);
      const { cursor, minPosition, ...own } = parameters;
      const list = listOf(route.path, own);
      const from = cursor === undefined ? undefined : placeIn(list, cursor);
      // Also what another service on the same log has answered up to.
      const seen = from?.position ?? LOG_START;
      const least = minPosition === undefined || minPosition < seen ? seen : minPosition;
      const fresh = await this.freshness.reach(least);
      const { wayledger } = this;
      const { body, version, next } = await route.find({ wayledger, fresh, from }, parameters);
      if (version !== undefined) response.setHeader('ETag', etagOf(version));
      const { position, head } = fresh;
      send(response, {
        ...body,
        ...(next && { next: cursorOf(list, next) }),
        freshness: { position, head },
      });
    }
  }
  Object.defineProperty(QueryController, 'name', { value: `${route.name}Controller` });
  return QueryController;
}

/** Of path and query together: no name may come from both. */
function readParameters({ parameters }: QueryRoute, { params, query }: Request): Reading {
  const twice = Object.keys(query).find((name) => Object.hasOwn(params, name));
  if (twice !== undefined) {
    const message = `${twice} is in the path already: leave it out of the query.`;
    throw new ProblemRaised([refuse('unknown-field', message, { field: twice })]);
  }
  const read = readFields(parameters, { ...query, ...params });
  if (areRefusals(read)) throw new ProblemRaised(read);
  return read;
}

export const queryControllers: readonly Type[] = queryRoutes.map(controllerOf);
