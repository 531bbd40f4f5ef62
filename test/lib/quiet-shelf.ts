/** What stands beside a shelf of recordings where nothing goes on: no room, nobody to be told, a browser that says nothing. */
import type { ShelfParts } from '#lib/app/recordings/shelf.ts';

/** What goes wrong is thrown. */
export const QUIET_SHELF = {
	tell: () => Promise.resolve(),
	isPersisted: () => Promise.resolve(null),
	askToPersist: () => Promise.resolve(null),
	current: () => null,
	note: (error) => {
		throw error;
	}
} satisfies Partial<ShelfParts>;
