import { GivenCommand, SlugOf, Year, type Slug } from '#kernel';

/** Every command on an open budget says which: a fund of an anchor, in one year. */
export abstract class OnBudget extends GivenCommand {
  @SlugOf('anchor') anchor!: Slug;
  @SlugOf('fund') fund!: Slug;
  @Year() year!: number;
}
