/** Sharing without a network: what is shared and fetched is what a test says. */
import type {
	ClipView,
	CopyView,
	Preview,
	SharedView,
	ShareTerms,
	SharingDesk
} from '#lib/app/sharing/sharing-desk.ts';
import type { Manifest } from '#lib/p2p/archive/manifest.ts';
import { encodeShareLink, type ShareLink } from '#lib/p2p/archive/share-link.ts';
import { publicKeyOf, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { fakePeer, FAKE_ROOM } from './fake-session.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 2, 18);

/** Nothing is shared, for a shelf alone. */
export const NO_SHARING = {
	copy: () => null,
	remove: () => Promise.resolve(),
	renew: () => Promise.resolve(),
	letGo: () => Promise.resolve()
};

const host = fakePeer('Hanna');

export function fakeLink(number: number): ShareLink {
	return {
		id: number.toString(16).padStart(32, '0') as RecordingId,
		hostKey: publicKeyOf(host)!,
		secret: new Uint8Array(16).fill(number)
	};
}

export function fakeManifest(number: number, changes: Partial<Manifest> = {}): Manifest {
	const { id, hostKey } = fakeLink(number);
	return {
		...{ id, hostKey, room: FAKE_ROOM, issuedAtMs: START_MS, state: 'shared', passedOn: true },
		...{ sealed: false, clip: false, expiresAtMs: Date.now() + 12 * DAY_MS, startedAtMs: START_MS },
		...{ durationMs: 3_723_000, title: 'Moths of the city', bytes: 12_300_000 },
		...{ root: new Uint8Array(32), hostName: 'Hanna', keysHash: null },
		...changes
	};
}

export function fakeCopy(number: number, changes: Partial<CopyView> = {}): CopyView {
	const { id } = fakeLink(number);
	return {
		...{ id, host, link: encodeShareLink(fakeLink(number)), manifest: fakeManifest(number) },
		...{ state: 'fetching', problem: null, done: 47, pieces: 188, sources: 2, dropped: 0 },
		alone: false,
		...changes
	};
}

export interface FakeSharing {
	readonly desk: SharingDesk;
	setShared(id: RecordingId, view: SharedView | null): void;
	setCopy(id: RecordingId, copy: CopyView | null): void;
	/** A clip of ours is handed out. */
	putClip(terms: Partial<ShareTerms>, changes?: Partial<Manifest>): void;
	setLeave(leave: { readonly share: boolean; readonly open: boolean }): void;
	/** What the next look finds. */
	tell(preview: Omit<Preview, 'stop'>): void;
}

export function fakeSharing(act: (call: string) => Promise<void>): FakeSharing {
	const shared = new Map<RecordingId, SharedView>();
	const copies = new Map<RecordingId, CopyView>();
	const listeners = new Set<() => void>();
	let preview: Omit<Preview, 'stop'> = { found: null, alone: false };
	const lookers = new Set<() => void>();
	const changed = (): void => {
		for (const tell of [...listeners, ...lookers]) tell();
	};
	const setShared = (id: RecordingId, view: SharedView | null): void => {
		if (view === null) shared.delete(id);
		else shared.set(id, view);
		changed();
	};
	const setCopy = (id: RecordingId, copy: CopyView | null): void => {
		if (copy === null) copies.delete(id);
		else copies.set(id, copy);
		changed();
	};
	const change = (id: RecordingId, changes: Partial<CopyView>): void => {
		const copy = copies.get(id);
		if (copy !== undefined) setCopy(id, { ...copy, ...changes });
	};
	let clip: ClipView | null = null;
	let leave = { share: true, open: true };
	const putClip = (terms: Partial<ShareTerms>, changes: Partial<Manifest> = {}): void => {
		const { id } = fakeLink(7);
		const manifest = fakeManifest(7, {
			clip: true,
			durationMs: 42_000,
			bytes: 170_000,
			...changes
		});
		const view = {
			link: encodeShareLink(fakeLink(7)),
			state: 'shared',
			clip: true,
			fetched: 2
		} as const;
		const { sealed } = manifest;
		const shown = { ...view, sealed, passedOn: true, opened: false, ...terms };
		clip = { ...shown, id, of: fakeLink(1).id, manifest };
		setShared(id, shown);
	};
	const desk: SharingDesk = {
		available: true,
		shared: (id) => shared.get(id) ?? null,
		async share(id, terms) {
			await act(`share ${id} ${JSON.stringify(terms)}`);
			const link = encodeShareLink(fakeLink(1));
			const before = shared.get(id);
			const sealed = before?.sealed ?? false;
			setShared(id, {
				link,
				state: 'shared',
				sealed,
				clip: false,
				fetched: before?.fetched ?? 0,
				...terms
			});
		},
		async withdraw(id) {
			await act(`withdraw ${id}`);
			const before = shared.get(id);
			if (clip?.id === id) clip = null;
			if (before !== undefined) setShared(id, { ...before, state: 'withdrawn' });
		},
		renew: () => Promise.resolve(),
		letGo: () => Promise.resolve(),
		clipLeave: () => leave,
		async shareClip(file, terms) {
			await act(`shareClip ${file.length > 0} ${JSON.stringify(terms)}`);
			const { id } = fakeLink(7);
			putClip(terms);
			return id;
		},
		get clips() {
			return clip?.state === 'shared' ? [clip] : [];
		},
		clipBytes: () => Promise.resolve(new Uint8Array(1)),
		copy: (id) => copies.get(id) ?? null,
		get copies() {
			return [...copies.values()];
		},
		look(_, onChange) {
			lookers.add(onChange);
			queueMicrotask(onChange);
			return {
				get found() {
					return preview.found;
				},
				get alone() {
					return preview.alone;
				},
				stop: () => void lookers.delete(onChange)
			};
		},
		async fetch({ id }, { manifest }) {
			await act(`fetch ${id}`);
			setCopy(id, { ...fakeCopy(1), id, manifest });
		},
		async resume(id) {
			await act(`resume ${id}`);
			change(id, { state: 'fetching', problem: null });
		},
		async pause(id) {
			await act(`pause ${id}`);
			change(id, { state: 'paused' });
		},
		async remove(id) {
			await act(`remove ${id}`);
			setCopy(id, null);
		},
		leave: () => Promise.resolve(),
		connect: () => undefined,
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
	return {
		...{ desk, setShared, setCopy, putClip },
		setLeave: (next) => void (leave = next),
		tell(next) {
			preview = next;
			changed();
		}
	};
}
