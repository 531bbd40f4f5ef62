/** What is shared and fetched, put into the reader's language. */
import type { CopyView } from '#lib/app/sharing/sharing-desk.ts';
import type { Manifest } from '#lib/p2p/archive/manifest.ts';
import { sealedBytesOf } from '#lib/p2p/wire/text.ts';
import * as m from '#lib/paraglide/messages.js';
import { dayWords } from '../recording/recording-words.ts';

const DAY_MS = 86_400_000;

/** Of a locked room it is sealed, and shown once it can be read. */
export function titleWords({
	title,
	sealed,
	clip
}: Pick<Manifest, 'title' | 'sealed' | 'clip'>): string {
	if (title !== '' && sealedBytesOf(title) === null) return title;
	if (!sealed) return m.recordings_untitled();
	return clip ? m.shared_clip_title() : m.shared_title();
}

/** How long it is there. */
export function leftWords({ expiresAtMs }: Pick<Manifest, 'expiresAtMs'>, nowMs: number): string {
	if (expiresAtMs === null) return m.shared_kept();
	const count = Math.max(0, Math.floor((expiresAtMs - nowMs) / DAY_MS));
	return count === 0 ? m.shared_today() : m.shared_days({ count, day: dayWords(expiresAtMs) });
}

/** From 0 to 100. */
export const percentOf = ({ done, pieces }: CopyView): number =>
	pieces === 0 ? 0 : Math.floor((100 * done) / pieces);

/** How a copy is, in a sentence. */
export function copyWords(copy: CopyView, name: string): string {
	switch (copy.state) {
		case 'fetching':
			return fetchingWords(copy);
		case 'paused':
			if (copy.problem === 'disk-full') return m.shared_full();
			return copy.problem === null ? m.shared_paused() : m.shared_disk();
		case 'whole':
			return m.shared_whole({ name });
		case 'withdrawn':
			return m.shared_withdrawn({ name });
		case 'expired':
			return m.shared_expired();
	}
}

function fetchingWords({ sources, alone }: CopyView): string {
	if (sources > 0) return m.shared_sources({ count: sources });
	return alone ? m.shared_waiting() : m.shared_connecting();
}
