/** The app around the page of a recording that lies on this browser's disk. */
import { openClip, openReplay } from '#lib/app/replay/replay.ts';
import { createCaptionSource } from '#lib/io/captions/source.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createOpfsDisk } from '#lib/io/disk/opfs-disk.ts';
import { RECORDINGS } from '#lib/io/disk/recording-files.ts';
import type { RecordingId } from '#lib/p2p/wire/ids.ts';
import { fakeGrapevine, type FakeGrapevine } from './fake-grapevine.ts';
import { createMemoryStore } from './memory-store.ts';
import type { MadeTape } from './tape-maker.ts';

/** As its host sees it. */
export function replayApp({ speakers }: MadeTape): FakeGrapevine {
	const fake = fakeGrapevine();
	const parts = {
		disk: createOpfsDisk(RECORDINGS),
		store: createMemoryStore(),
		clock: createSystemClock(),
		me: speakers[0]!.peer,
		keySeed: new Uint8Array(32).fill(1),
		words: createCaptionSource(location.origin)
	};
	Object.assign(fake.grapevine, {
		replay: (id: RecordingId) => openReplay(parts, id),
		openClip: (file: Blob, shared?: RecordingId) => openClip(parts, file, shared ?? null)
	});
	return fake;
}
