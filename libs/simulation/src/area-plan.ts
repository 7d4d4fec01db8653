import { present, type Slug } from '#kernel';
import { PLACES, PRACTICES, QUARTERS } from './names.js';
import { GP_SHARE, RAMP_DAYS, type Parameters } from './parameters.js';
import type { Draws } from './random.js';
import { catalogue, type Offering } from './services.js';

/** Who and what there is in an area, before anybody is referred. */
export interface AreaPlan {
  readonly anchor: Slug;
  readonly place: string;
  readonly practices: readonly Practice[];
  readonly linkWorkers: readonly Slug[];
  readonly offerings: readonly Offering[];
  readonly gpShare: number;
}

export interface Practice {
  readonly slug: Slug;
  readonly name: string;
  /** The day from which it refers. */
  readonly from: number;
}

export function planOf(index: number, parameters: Parameters, draws: Draws): AreaPlan {
  const place = placeOf(index, PLACES[parameters.country]);
  const anchor = slugOf(place);
  return {
    anchor,
    place,
    practices: practicesOf(index, { place, anchor }, parameters),
    linkWorkers: Array.from(
      { length: parameters.linkWorkers },
      (_, worker) => `${anchor}-lw-${worker + 1}` as Slug,
    ),
    offerings: catalogue(anchor, place, parameters.places),
    gpShare: draws.between(GP_SHARE.from, GP_SHARE.to),
  };
}

/** Of the same scenario no two areas have the same name. */
function placeOf(index: number, places: readonly string[]): string {
  const place = present(places[index % places.length], 'there are places');
  const round = Math.floor(index / places.length);
  if (round === 0) return place;
  const quarter = QUARTERS[(round - 1) % QUARTERS.length] ?? '';
  const again = Math.floor((round - 1) / QUARTERS.length);
  return `${place} ${quarter}${again === 0 ? '' : ` ${again + 1}`}`;
}

// Letters, digits and single dashes are left, which is what a slug is.
const slugOf = (name: string): Slug => name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-') as Slug;

/** Some refer from the first day, the others join one after the other while trust grows. */
function practicesOf(
  index: number,
  { place, anchor }: { readonly place: string; readonly anchor: Slug },
  { practices, practicesAtFirst }: Parameters,
): Practice[] {
  const count = present(practices[index % practices.length], 'practices are numbered');
  return PRACTICES.slice(0, count).map((name, at) => {
    const later = Math.max(0, at + 1 - practicesAtFirst);
    const from = Math.round((later * RAMP_DAYS) / Math.max(1, count - practicesAtFirst + 1));
    return { slug: `${anchor}-${slugOf(name)}` as Slug, name: `${place} ${name}`, from };
  });
}
