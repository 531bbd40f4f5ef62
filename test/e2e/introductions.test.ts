/**
 * The seed of a room of Node peers is killed, with real WebRTC between them. Somebody deep in the tree, whom no gossip
 * neighbour could introduce, still gets to the stage, and a listener that loses a backup finds another.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import { fetchSeedInfo, type SeedInfo } from '#lib/io/net/seed-info.ts';
import type { EngineDiagnostics } from '#lib/app/engine/messages.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import { roomIdOf, type PeerId, type RoomId, type StreamId } from '#lib/p2p/wire/ids.ts';
import { encodeRoomKey } from '#lib/p2p/wire/room-key.ts';
import {
	startHeadlessPeer,
	type HeadlessOptions,
	type HeadlessPeer
} from '../../src/seed/headless-peer.ts';
import { bursts, openBrowsers, type Browsers } from './browsers.ts';
import { diagnosticsOf, enterApp, eventually, joinRoom, listen, type Person } from './drive.ts';
import { startSeedForFile, type SharedSeed } from './seed.ts';

const SETUP_MS = 120_000;
const LENA_HZ = 811;
const TICK_MS = 20;
const OPUS = Uint8Array.of(0x78, 1, 2, 3);
const NONCE = Uint8Array.of(2, 7, 1, 8, 2, 8, 1, 8);

interface Member {
	readonly peer: HeadlessPeer;
	readonly view: () => RoomView | null;
	readonly now: () => EngineDiagnostics;
	/** Frames handed to playout, by stream. */
	readonly heard: Map<StreamId, number>;
}

let seed: SharedSeed;
let info: SeedInfo;
let room: RoomId;
let host: Member;
let sam: Member;
let browsers: Browsers;
let lena: Person;
/** Below the host, one below the other. */
const chain: Member[] = [];
const gone = new Set<Member>();

type Ways = Pick<HeadlessOptions, 'keySeed' | 'opening' | 'gossip'>;

async function join(name: string, fanout: number, ways: Ways): Promise<Member> {
	let view: RoomView | null = null;
	const heard = new Map<StreamId, number>();
	const peer = await startHeadlessPeer({
		seeds: info.seeds,
		iceServers: info.iceServers,
		room,
		name,
		fanout,
		clock: createSystemClock(),
		onSound(inputs) {
			for (const input of inputs) {
				if (input.type !== 'frame') continue;
				heard.set(input.stream, (heard.get(input.stream) ?? 0) + 1);
			}
		},
		onStatus(status) {
			view = status.view;
		},
		...ways
	});
	const member = { peer, view: () => view, now: () => peer.engine.diagnostics(), heard };
	await until(`${name} has joined`, member, ({ depth }) => depth !== null);
	return member;
}

const until = (
	what: string,
	{ now }: Member,
	met: (now: EngineDiagnostics) => boolean
): Promise<EngineDiagnostics> => eventually(what, () => Promise.resolve(now()), met);

async function seat(who: Member): Promise<void> {
	host.peer.wish({ type: 'invite', peer: who.peer.peer });
	const view = await eventually(
		'an invitation arrives',
		() => Promise.resolve(who.view()),
		(now) => now?.me.invitation != null
	);
	const invitation = view?.me.invitation;
	if (invitation) who.peer.wish({ type: 'accept', invitation: invitation.id });
	await until('the seat is taken', who, ({ role }) => role === 'speaker');
}

const last = (): Member => chain.at(-1) as Member;

/**
 * Two on stage, four listeners in a chain, and a browser's page at its end. Only the page would gossip, and has nobody
 * to do it with: there is no direct line between any two.
 */
beforeAll(async () => {
	seed = await startSeedForFile();
	const answer = await fetchSeedInfo(seed.url);
	if (!answer.ok) throw new Error('The seed does not answer.');
	info = answer.info;
	const keySeed = newKeySeed();
	room = roomIdOf((await createKeys(keySeed)).publicKey, NONCE);
	const opening = { title: 'Far below', nonce: NONCE, createdAtMs: Date.now() };
	host = await join('Hanna', 1, { keySeed, opening, gossip: false });
	sam = await join('Sam', 0, { gossip: false });
	await seat(sam);
	await until('Sam and the host are linked', sam, ({ mesh }) => mesh.length === 1);
	for (const name of ['Ada', 'Ben', 'Cleo', 'Dov']) {
		const member = await join(name, 1, { gossip: false });
		chain.push(member);
		await until(`${name} is in the chain`, member, ({ depth }) => depth === chain.length);
	}
	browsers = openBrowsers();
	const page = await browsers.page(await browsers.withMicrophone(bursts(LENA_HZ)));
	lena = await enterApp(page, `${seed.url}?fanout=0`, 'Lena');
	await joinRoom(lena, encodeRoomKey(room));
	await listen(lena);
	const { depth, neighbours } = await eventually(
		'Lena is in the room',
		() => diagnosticsOf(lena),
		(now) => now.depth != null
	);
	expect({ depth, neighbours }).toEqual({ depth: chain.length + 1, neighbours: [] });
	await seed.kill();
}, SETUP_MS);

afterAll(async () => {
	const all = [host, sam, ...chain].filter((member) => !gone.has(member));
	await Promise.all(all.map(({ peer }) => peer.stop()));
	await browsers.close();
	await seed.end();
});

const idOf = ({ peer }: Member): PeerId => peer.peer;

describe('a room whose seed was killed, and in which nobody gossips,', () => {
	it('links a listener at depth 4 with everybody on stage, and all hear it', async () => {
		const dov = last();
		expect(dov.now().links.some(({ peer }) => peer === idOf(sam))).toBe(false);
		const startMs = performance.now();
		await seat(dov);
		await until('Dov is linked with both', dov, ({ mesh }) => mesh.length === 2);
		for (const speaker of [host, sam]) {
			await until('a speaker is linked with Dov', speaker, ({ mesh }) => mesh.includes(idOf(dov)));
		}
		process.stdout.write(`On stage after ${Math.round(performance.now() - startMs)} ms.\n`);
		dov.peer.wish({ type: 'unmute' });
		await eventually(
			'Dov has unmuted',
			() => Promise.resolve(dov.view()?.stage.find((seat) => seat.me)),
			(seat) => seat?.muted === false
		);
		const stream = host.now().speakers.find(({ peer }) => peer === idOf(dov))?.stream;
		if (stream === undefined) throw new Error('The host does not know Dov as a speaker.');
		let seq = Math.floor(Date.now() / TICK_MS) % 2 ** 32;
		const talk = setInterval(() => {
			dov.peer.engine.feed({ type: 'voice', seq: ++seq, level: 30, opus: OPUS });
		}, TICK_MS);
		try {
			for (const other of [host, sam, ...chain.slice(0, -1)]) {
				await eventually(
					'Dov is heard by all',
					() => Promise.resolve(other.heard.get(stream) ?? 0),
					(frames) => frames > 25
				);
			}
		} finally {
			clearInterval(talk);
		}
	});

	it('links a page in a browser with everybody on stage, when it takes a seat', async () => {
		const { me, introductionDrops } = await diagnosticsOf(lena);
		expect(introductionDrops).toMatchObject({ forged: 0, malformed: 0 });
		host.peer.wish({ type: 'invite', peer: me });
		await lena.page.getByRole('button', { name: 'Accept' }).click();
		const stage = [host, sam, last()].map(idOf).sort();
		await eventually(
			'Lena is linked with three',
			() => diagnosticsOf(lena),
			({ mesh }) => [...(mesh ?? [])].sort().join() === stage.join()
		);
		for (const speaker of [host, sam, last()]) {
			await until('a speaker is linked with Lena', speaker, ({ mesh }) => mesh.includes(me));
		}
	});

	it('finds another backup for a listener that lost one', async () => {
		const [ada, , cleo] = chain as [Member, Member, Member];
		await until('Cleo has two backups', cleo, ({ backups }) => backups.length === 2);
		const { backups, parent } = cleo.now();
		const lost = [ada, sam, last()].find(
			(one) => backups.includes(idOf(one)) && idOf(one) !== parent
		);
		if (lost === undefined) throw new Error('The host is a backup, and the parent is another.');
		gone.add(lost);
		await lost.peer.stop();
		await until(
			'Cleo has two backups again',
			cleo,
			(now) => now.backups.length === 2 && !now.backups.includes(idOf(lost))
		);
	});
});
