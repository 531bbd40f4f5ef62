/** By whose leave clips are handed out: our own recordings are ours, others' their hosts'. */
import type { Clock } from '#lib/io/ports.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { isExpired } from './manifests.ts';
import type { ShareBook } from './share-book.ts';

/** Of our own recordings, and of those that are here whole and may be passed on. `of`: what they are cut from. */
export function mayShareClips(
	{ book, clock }: { readonly book: ShareBook; readonly clock: Clock },
	of: RecordingId
): boolean {
	const source = book.find(of);
	if (source?.role !== 'holder') return true;
	const { manifest } = source.signed;
	return source.state === 'whole' && manifest.passedOn && !isExpired(manifest, clock.nowMs());
}

/** Whether a locked room's clip may be opened to whoever has its link. */
export function mayOpenClips(book: ShareBook, of: RecordingId): boolean {
	const source = book.find(of);
	return source?.role !== 'holder' || source.keys.length > 0;
}
