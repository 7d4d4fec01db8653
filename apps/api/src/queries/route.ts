import type { TObject } from 'typebox';
import { present, type Slug } from '#kernel';
import type { Position } from '#event-log';
import { knownBy, readKnownAt, type Wayledger } from '#engine';
import type { KnownBy } from '#referral';
import type { Fresh } from '../freshness.js';
import type { Reading } from './parameters.js';
import type { Place } from './paging.js';

/** What a query is answered from. */
export interface Books {
  readonly wayledger: Wayledger;
  readonly fresh: Fresh;
  /** Where the page before ended. */
  readonly from?: Place | undefined;
}

export interface Found {
  readonly body: Readonly<Record<string, unknown>>;
  /** Of what is one thing with a version. */
  readonly version?: number;
  /** Where the next page begins, if there is one. */
  readonly next?: Place | undefined;
}

export interface QueryRoute<P extends Reading = Reading> {
  /** Names in braces are parameters. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: new () => P;
  /** Beside `freshness`, and `next` of a list. */
  readonly answer: TObject;
  /** What else than wrong parameters it may refuse, by status. */
  readonly refuses?: readonly number[];
  readonly hasVersion?: true;
  find(books: Books, parameters: P): Promise<Found>;
}

/** A route for a list of routes: each knows only its own parameters, and is given nothing else. */
export function queryRoute<P extends Reading>(route: QueryRoute<P>): QueryRoute {
  return route as unknown as QueryRoute;
}

/** Up to where everything is answered: as it was asked for, and never past the first page. */
export async function cutOf(
  { wayledger, fresh, from }: Books,
  knownAt: string | undefined,
): Promise<KnownBy> {
  const most = from?.position ?? fresh.position;
  if (knownAt === undefined) return () => Promise.resolve(most);
  const known = await knownBy(wayledger, present(readKnownAt(knownAt), 'it was checked'));
  return async (anchor: Slug): Promise<Position> => {
    const position = await known(anchor);
    return position < most ? position : most;
  };
}
