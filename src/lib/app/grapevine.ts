/** The app, alive: who we are, the network we stand on, and the room we are in. Made once by the root layout. */
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { openIndexedDbStore } from '#lib/io/disk/indexed-db-store.ts';
import type { PeerNode } from '#lib/io/net/peer-node.ts';
import { fetchSeedInfo, type SeedInfo } from '#lib/io/net/seed-info.ts';
import { NONCE_BYTES } from '#lib/p2p/wire/event.ts';
import { roomIdOf, type RoomId } from '#lib/p2p/wire/ids.ts';
import { NAME_BYTES_MAX, TITLE_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';
import { fanoutForDevice, fanoutInAddress } from './device.ts';
import { startEngineHost, type EngineHost } from './engine/engine-host.ts';
import { claimIdentity, type ClaimedIdentity } from './claim-identity.ts';
import { openRoomSession, type RoomSession } from './room-session.ts';
import type { Profile, Session } from './session.ts';
import { createTimeline } from './timeline.ts';
import { exposeDiagnostics } from './window-grapevine.ts';

export interface Settings {
	/** Children to pass sound on to at most; null for what suits the device. */
	readonly fanout: number | null;
}

export interface Grapevine {
	readonly profile: Profile;
	rename(name: string): Promise<void>;
	/** Opens a new room, we are its host. Leaves the one we are in. */
	openRoom(title: string): Promise<Session>;
	/** Enters the room, or returns its session where we are in it. Leaves another one. */
	enterRoom(room: RoomId): Promise<Session>;
	readonly current: Session | null;
	readonly settings: Settings;
	saveSettings(changes: Partial<Settings>): Promise<void>;
}

const NAME_RECORD = 'name';
const SETTINGS_RECORD = 'settings';
/** First and longest pause between two tries to ask the seed we were loaded from. */
const SEED_ASK_MIN_MS = 500;
const SEED_ASK_MAX_MS = 10_000;

export async function startGrapevine(): Promise<Grapevine> {
	const timeline = createTimeline();
	const fanoutForced = fanoutInAddress();
	const store = await openIndexedDbStore();
	const identity = await claimIdentity(store);
	let name = textOf(await store.get(NAME_RECORD)) || `Guest ${identity.peer.slice(-4)}`;
	let settings = readSettings(await store.get(SETTINGS_RECORD));
	let current: { readonly room: RoomId; readonly session: RoomSession } | null = null;
	let entering: Promise<unknown> = Promise.resolve();

	const clock = createSystemClock();
	const network = startNetwork(identity, clock);
	network.then(
		({ node }) => {
			const note = (): void => {
				if (node.seeds.reached() > 0) timeline.mark('seedReached');
			};
			node.seeds.onChange(note);
			note();
		},
		() => undefined
	);
	let host: Promise<EngineHost> | null = null;

	const fanout = (): number => fanoutForced ?? settings.fanout ?? fanoutForDevice();

	async function enter(room: RoomId, opening: Parameters<typeof optionsOf>[3]): Promise<Session> {
		if (current?.room === room && !current.session.left) return current.session;
		await current?.session.leave();
		host ??= startEngineHost();
		const [engine, { node, info }] = await Promise.all([host, network]);
		const session = await openRoomSession({
			host: engine,
			node,
			iceServers: info.iceServers,
			clock,
			keySeed: identity.keySeed,
			options: optionsOf(identity, room, name, opening, fanout()),
			timeline
		});
		current = { room, session };
		return session;
	}

	/** One room after the other: entering twice at once would leave two open. */
	function inTurn(act: () => Promise<Session>): Promise<Session> {
		const mine = entering.then(act, act);
		entering = mine.catch(() => undefined);
		return mine;
	}

	addEventListener('pagehide', () => current?.session.abandon());
	timeline.mark('appReady');
	exposeDiagnostics(() => ({
		identity: identity.peer,
		session: current?.session ?? null,
		timeline
	}));

	return {
		get profile() {
			return { peer: identity.peer, name };
		},
		async rename(next) {
			const clean = cleanText(next, NAME_BYTES_MAX);
			await store.put(NAME_RECORD, new TextEncoder().encode(clean));
			name = clean;
		},
		openRoom(title) {
			const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
			const room = roomIdOf(identity.publicKey, nonce);
			const createdAtMs = Math.floor(clock.nowMs());
			const opening = { title: cleanText(title, TITLE_BYTES_MAX), nonce, createdAtMs };
			return inTurn(() => enter(room, opening));
		},
		enterRoom: (room) => inTurn(() => enter(room, null)),
		get current() {
			return current === null || current.session.left ? null : current.session;
		},
		get settings() {
			return settings;
		},
		async saveSettings(changes) {
			const next = { ...settings, ...changes };
			await store.put(SETTINGS_RECORD, new TextEncoder().encode(JSON.stringify(next)));
			settings = next;
			current?.session.setFanout(fanout());
		}
	};
}

function optionsOf(
	identity: ClaimedIdentity,
	room: RoomId,
	name: string,
	opening: {
		readonly title: string;
		readonly nonce: Uint8Array;
		readonly createdAtMs: number;
	} | null,
	fanout: number
) {
	return { me: identity.peer, publicKey: identity.publicKey, room, name, fanout, opening };
}

/** libp2p is large and needed for rooms only: it is loaded beside the first screen, not before it. */
async function startNetwork(
	identity: ClaimedIdentity,
	clock: ReturnType<typeof createSystemClock>
): Promise<{ readonly node: PeerNode; readonly info: SeedInfo }> {
	const [{ createPeerNode }, info] = await Promise.all([
		import('#lib/io/net/peer-node.ts'),
		askSeed(clock)
	]);
	const node = await createPeerNode({ keySeed: identity.keySeed, seeds: info.seeds, clock });
	return { node, info };
}

/** The place the app was loaded from is its first seed. Asks until it answers: it may be restarting. */
async function askSeed(clock: ReturnType<typeof createSystemClock>): Promise<SeedInfo> {
	let pauseMs = SEED_ASK_MIN_MS;
	for (;;) {
		const answer = await fetchSeedInfo(location.origin);
		if (answer.ok) return answer.info;
		await new Promise<void>((resolve) => clock.wake(clock.nowMs() + pauseMs, resolve));
		pauseMs = Math.min(2 * pauseMs, SEED_ASK_MAX_MS);
	}
}

function textOf(record: Uint8Array | null): string {
	return record === null ? '' : cleanText(new TextDecoder().decode(record), NAME_BYTES_MAX);
}

function readSettings(record: Uint8Array | null): Settings {
	try {
		const json = JSON.parse(new TextDecoder().decode(record ?? new Uint8Array(0))) as unknown;
		const fanout = (json as { fanout?: unknown } | null)?.fanout;
		return { fanout: typeof fanout === 'number' && Number.isInteger(fanout) ? fanout : null };
	} catch {
		return { fanout: null };
	}
}
