/** What is shared and fetched, in every state: on the page of a link, or in the list. */
import { fakeCopy, fakeLink, fakeManifest, type FakeSharing } from './fake-sharing.ts';
import { fakeRecording } from './fake-shelf.ts';
import { encodeShareLink } from '#lib/p2p/archive/share-link.ts';
import type { CopyView } from '#lib/app/sharing/sharing-desk.ts';
import type { Manifest } from '#lib/p2p/archive/manifest.ts';

interface SharingScene {
	/** The page of a link; else the list. */
	readonly link: boolean;
	readonly fill: (sharing: FakeSharing) => void;
}

const told =
	(changes: Partial<Manifest> = {}) =>
	(sharing: FakeSharing): void =>
		sharing.tell({
			found: { manifest: fakeManifest(1, changes), signed: new Uint8Array(0) },
			alone: false
		});

const here =
	(changes: Partial<CopyView>) =>
	(sharing: FakeSharing): void =>
		sharing.setCopy(fakeLink(1).id, fakeCopy(1, changes));

const ofLink = (fill: SharingScene['fill']): SharingScene => ({ link: true, fill });

export const SHARING_SCENES = {
	'shared-nobody': ofLink((sharing) => sharing.tell({ found: null, alone: true })),
	'shared-found': ofLink(told()),
	'shared-locked': ofLink(told({ sealed: true, title: '' })),
	'shared-fetching': ofLink(here({ dropped: 1 })),
	'shared-waiting': ofLink(here({ sources: 0, alone: true })),
	'shared-full': ofLink(here({ state: 'paused', problem: 'disk-full', sources: 0 })),
	'shared-whole': ofLink(here({ state: 'whole' })),
	'shared-withdrawn': ofLink(here({ state: 'withdrawn' })),
	'shared-clip': ofLink(
		here({ state: 'whole', manifest: fakeManifest(1, { clip: true, durationMs: 42_000 }) })
	),
	/** In the list, one that is handed out, and one on its way here. */
	'shared-list': {
		link: false,
		fill: (sharing: FakeSharing): void => {
			sharing.setCopy(fakeLink(9).id, fakeCopy(9));
			sharing.setShared(fakeRecording(1).id, {
				link: encodeShareLink(fakeLink(1)),
				...{ state: 'shared', clip: false, sealed: true, passedOn: true, opened: false, fetched: 3 }
			});
			sharing.putClip({});
		}
	}
} satisfies Record<string, SharingScene>;
