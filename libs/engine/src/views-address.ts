import { join } from 'node:path';
import { openPostgresViews, openSqliteViews, type ViewsDatabase } from '#projection';
import { describePlace, placeIn, type Place } from './store-address.js';

/** Where read models are. Nothing is opened or made before `open`. */
export interface ViewsAddress {
  /** For messages, without credentials. */
  describe(): string;
  /**
   * Makes what is not there.
   * @throws ViewsRefused, ViewsUnavailable
   */
  open(): Promise<ViewsDatabase>;
}

/** The read models of the embedded store. */
export function viewsInFolder(data: string): ViewsAddress {
  return viewsAt({ file: join(data, 'views.db') });
}

/**
 * The read models that a command line or its environment names; `undefined` when they name none.
 * @throws StoreAddressRefused
 */
export function givenViews(text: string | undefined): ViewsAddress | undefined {
  return text === undefined ? undefined : viewsAt(placeIn(text, 'Read models'));
}

function viewsAt(place: Place): ViewsAddress {
  return {
    describe: () => describePlace(place),
    open: () => ('file' in place ? openSqliteViews(place.file) : openPostgresViews(place.server)),
  };
}
