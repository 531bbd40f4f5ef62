import { resolve } from '$app/paths';
import { keyIn } from '#lib/app/room-link.ts';

/** Where a room is: `tail` is what stands behind `/r/` in its link, `query` (empty, or from its `?` on) goes along. */
export function roomHref(tail: string, query = ''): string {
	const key = keyIn(tail);
	return resolve('/r/[key]', { key }) + query + tail.slice(key.length);
}
