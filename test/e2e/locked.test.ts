/**
 * A locked room, whole: who has the secret link hears the tone; a page with the key alone, a relay helper and whoever
 * listens in at the seed find nothing but ciphertext; who is removed is given every packet and opens none.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Diagnostics } from '#lib/app/window-grapevine.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode } from '#lib/io/net/peer-node.ts';
import { fetchSeedInfo } from '#lib/io/net/seed-info.ts';
import { FRAME_MS } from '#lib/p2p/playout/units.ts';
import { gateOf, passOf } from '#lib/p2p/lock/secrets.ts';
import { epochByteOf } from '#lib/p2p/lock/vault.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import { concat, fromHex, type RoomId } from '#lib/p2p/wire/ids.ts';
import { decodePacket, type VoiceFrame } from '#lib/p2p/wire/packet.ts';
import { encodeAccess } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey, parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { tapped } from '../lib/tapped-channel.ts';
import {
	diagnosticsOf,
	enterApp,
	eventually,
	goHome,
	joinRoom,
	listen,
	playedBy,
	startRoom,
	unmute,
	type Person
} from './drive.ts';
import { SILENT_DBFS, tonesAt } from './ear.ts';
import { pressedAtMs, timesUntilGone } from './gone.ts';
import { joinHeadless, type Headless, type HeadlessHow } from './headless.ts';
import { makeLawless } from './lawless-page.ts';
import { joinLawless, type Lawless } from './lawless.ts';
import { hears, openScene, type Scene } from './scene.ts';

const RELAY = fileURLToPath(new URL('../../src/seed/relay.ts', import.meta.url));
const HOST_HZ = 523;
const TITLE = 'Behind the hedge';
const NEW_KEY_MS = 1_000;
/** Two seconds. */
const LISTENED_FRAMES = 100;

let scene: Scene;
let host: Person;
/** What follows `/r/` in the link. */
let tail: string;
let room: RoomId;
let secret: Uint8Array;
let friend: Lawless | null = null;
const headless: Headless[] = [];
const programs: ChildProcess[] = [];
const pages: Page[] = [];
const stops: (() => Promise<void>)[] = [];
/** What is on the room's links, whoever can read it. */
const wire = recorder();

beforeAll(async () => {
	scene = await openScene();
	host = await scene.speaker('Hanna', HOST_HZ, 4);
	await host.page.getByRole('button', { name: 'Start a room' }).click();
	await host.page.getByRole('textbox', { name: 'Room title' }).fill(TITLE);
	await host.page.getByRole('switch', { name: 'Lock the room' }).check();
	await host.page.getByRole('button', { name: 'Open room' }).click();
	await unmute(host);
	tail = await linkOf(host);
	const reading = parseRoomKey(tail);
	if (!reading.ok || reading.access === undefined) throw new Error(`No secret in ${tail}`);
	room = reading.room;
	secret = reading.access.bytes;
}, 120_000);

afterAll(async () => {
	await empty();
	for (const stop of stops) await stop();
	await scene.close();
});

/** Who is in the room beside its host goes: this machine has other rooms to carry. */
async function empty(): Promise<void> {
	for (const program of programs.splice(0)) program.kill('SIGKILL');
	for (const one of headless.splice(0)) await one.peer.stop();
	await friend?.stop();
	friend = null;
	for (const page of pages.splice(0)) await page.close();
}

/** From the share dialog, as a person copies it. */
async function linkOf({ page }: Person): Promise<string> {
	await page.getByRole('button', { name: 'Share' }).click();
	const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
	await page.getByRole('button', { name: 'Close' }).click();
	return link.split('/r/')[1] ?? '';
}

async function open(name: string, path: string): Promise<Person> {
	const page = await scene.browsers.page(await scene.browsers.silent());
	pages.push(page);
	await page.goto(new URL(`/r/${path}`, scene.seed.url).href);
	return { name, page };
}

const unreadBy = (lock: Diagnostics['lock']): number => lock?.unread ?? 0;

const passTail = (): string =>
	`${encodeRoomKey(room)}#${encodeAccess(room, { kind: 'pass', bytes: passOf(room, secret) })}`;

type HeardFrame = VoiceFrame & { readonly atMs: number };

/** Frames of voice in the packets that came over a headless peer's links, each with the epoch time (ms) it came. */
function recorder(): {
	readonly frames: readonly HeardFrame[];
	readonly shape: NonNullable<HeadlessHow['shape']>;
} {
	const frames: HeardFrame[] = [];
	const note = (data: ArrayBuffer): ArrayBuffer => {
		const packet = decodePacket(new Uint8Array(data.slice(0)));
		for (const frame of packet?.type === 'frames' ? packet.frames : []) {
			if (frame.kind === 'voice') frames.push({ ...frame, atMs: Date.now() });
		}
		return data;
	};
	return {
		frames,
		shape: (_, channels) => ({ ...channels, audio: tapped(channels.audio, { in: note }) })
	};
}

describe('a locked room', () => {
	it('is found, entered and heard by its link, and named as locked', async () => {
		const ada = await open('Ada', tail);
		await listen(ada);
		await hears(ada, HOST_HZ);
		await ada.page.getByRole('heading', { name: TITLE }).waitFor();
		expect((await diagnosticsOf(ada)).lock).toMatchObject({ key: 1, epoch: 1 });
	});

	it('is neither found nor heard by its key alone', async () => {
		const eve = await open('Eve', encodeRoomKey(room));
		await eve.page.getByText('Nobody answers').waitFor();
		const [level] = await tonesAt(eve.page, [HOST_HZ]);
		expect(level).toBeLessThan(SILENT_DBFS);
		const { inRoom, parent } = await diagnosticsOf(eve);
		expect({ inRoom, parent }).toEqual({ inRoom: true, parent: null });
		await eve.page.close();
	});

	it('is carried by a relay helper, which is told its pass and hears nothing', async () => {
		const child = spawn(
			process.execPath,
			[RELAY, new URL(`/r/${passTail()}`, scene.seed.url).href, '--fanout', '2'],
			{ stdio: ['ignore', 'pipe', 'inherit'] }
		);
		programs.push(child);
		let said = '';
		child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
		await eventually(
			'the helper has joined',
			() => Promise.resolve(said),
			(out) => /joined/.test(out)
		);
		// The title is not for it.
		expect(said).not.toContain(TITLE);
		const relay = await joinHeadless(scene.seed.url, passTail(), 'Relay', {
			fanout: 2,
			shape: wire.shape
		});
		headless.push(relay);
		await eventually(
			'the relay is given sound',
			() => Promise.resolve(wire.frames.length),
			(count) => count > LISTENED_FRAMES
		);
		expect(wire.frames.every(({ sealed }) => sealed === true)).toBe(true);
		expect((await relay.lastSound()).length).toBe(0);
		expect(relay.view()).toMatchObject({ title: '', phase: 'joined', lock: { door: [] } });
		expect(relay.peer.engine.diagnostics().lock?.key).toBe(0);
	});

	it('gossips past its seed what nobody reads there, under a name that is not its own', async () => {
		const answer = await fetchSeedInfo(scene.seed.url);
		if (!answer.ok) throw new Error('The seed does not answer.');
		const spy = await createPeerNode({
			keySeed: newKeySeed(),
			seeds: answer.info.seeds,
			clock: createSystemClock(),
			iceServers: []
		});
		stops.push(() => spy.stop());
		const met: Uint8Array[] = [];
		const named: Uint8Array[] = [];
		const gate = gateOf(room, passOf(room, secret));
		spy.gossip.join(gate.meeting, (message) => {
			met.push(message);
			return Promise.resolve('accept');
		});
		spy.gossip.join(room, (message) => {
			named.push(message);
			return Promise.resolve('accept');
		});
		await eventually(
			'something is gossiped',
			async () => {
				await host.page.getByRole('button', { name: 'Mute', exact: true }).click();
				await unmute(host);
				return met.length;
			},
			(count) => count >= 2
		);
		expect(named).toEqual([]);
		for (const message of met) {
			expect(openEnvelope(message).ok).toBe(false);
			const text = new TextDecoder('latin1').decode(message);
			expect(text).not.toContain('Hanna');
			// Whose it is and which room's stands nowhere in it, but for who has the pass.
			const envelope = gate.unwrap(message);
			const opened = openEnvelope(envelope ?? new Uint8Array(0));
			expect(opened).toMatchObject({ ok: true, event: { room } });
			if (!opened.ok) continue;
			expect(includes(message, opened.event.authorKey)).toBe(false);
			expect(includes(message, fromHex(room))).toBe(false);
		}
	});

	it('is closed to who was removed: its page is given every packet, and decodes none after a second', async () => {
		// A friend of Rex's relays to it. Neither app listens when it is told of a removal.
		friend = await joinLawless(scene.seed.url, passTail(), 'Friend', 8);
		await eventually(
			'the friend relays',
			() => Promise.resolve(friend?.view()?.phase),
			(phase) => phase === 'joined'
		);
		const page = await scene.browsers.page(await scene.browsers.silent());
		pages.push(page);
		await makeLawless(page);
		const rex = await enterApp(page, scene.seed.url, 'Rex');
		await joinRoom(rex, tail);
		await listen(rex);
		await hears(rex, HOST_HZ);
		expect((await diagnosticsOf(rex)).lock).toMatchObject({ key: 1, epoch: 1 });
		await host.page.getByRole('button', { name: 'More about Rex' }).click();
		await host.page.getByRole('button', { name: 'Remove…' }).click();
		const remove = host.page.getByRole('button', { name: 'Remove', exact: true });
		const [goneMs = NaN] = await timesUntilGone(remove, [rex], HOST_HZ);
		const lastOpen = lastUnder(1);
		const openMs = saidAfterMs(lastOpen, await pressedAtMs(host.page));
		process.stdout.write(
			`The last frame under its key was said after ${Math.round(openMs)} ms, and its sound was over after ${Math.round(goneMs)}.\n`
		);
		expect(lastOpen).toBeGreaterThan(0);
		expect(openMs).toBeLessThan(NEW_KEY_MS);
		expect(firstUnder(2)).toBeGreaterThan(lastOpen);
		// Its app knows of no removal, and its friend gives it all that is said.
		const before = await eventually(
			'the friend is all that Rex has',
			() => diagnosticsOf(rex),
			({ parent, lock }) => parent === friend?.peer.peer && lock?.epoch === 2
		);
		const after = await eventually(
			'Rex is given two seconds of sound more',
			() => diagnosticsOf(rex),
			({ lock }) => unreadBy(lock) > unreadBy(before.lock) + LISTENED_FRAMES
		);
		expect(after).toMatchObject({ parent: friend.peer.peer, lock: { key: 1 } });
		expect(playedBy(after)).toBe(playedBy(before));
		expect((await tonesAt(rex.page, [HOST_HZ]))[0]).toBeLessThan(SILENT_DBFS);
		// Nor does it hold anything else that it could open.
		expect(lastUnder(1)).toBe(lastOpen);
		expect(lastUnder(2)).toBeGreaterThan(lastOpen + LISTENED_FRAMES);
		await page.close();
	});

	it('has its door closed then: who comes waits, is let in by name, and hears', async () => {
		const dora = await open('Dora', tail);
		await dora.page.getByRole('heading', { name: 'You are at the door' }).waitFor();
		await listen(dora);
		const [level] = await tonesAt(dora.page, [HOST_HZ]);
		expect(level).toBeLessThan(SILENT_DBFS);
		await host.page.getByRole('button', { name: /^Let in (?!again)/ }).click();
		await hears(dora, HOST_HZ);
	});
});

/** The numbers of the frames on the wire that the key of this epoch opens. */
const numbersUnder = (epoch: number): number[] =>
	wire.frames.filter(({ opus }) => epochByteOf(opus) === epoch).map(({ seq }) => seq);

const firstUnder = (epoch: number): number => Math.min(...numbersUnder(epoch));
const lastUnder = (epoch: number): number => Math.max(...numbersUnder(epoch));

/**
 * How long after `fromMs`, an epoch time, the frame of that number was said, at the latest: had it come as fast as the
 * fastest of the two seconds before. When it came says less: one that is repaired comes late.
 */
function saidAfterMs(number: number, fromMs: number): number {
	const before = wire.frames.filter(({ atMs }) => atMs < fromMs).slice(-LISTENED_FRAMES);
	const offsetMs = Math.min(...before.map(({ seq, atMs }) => atMs - seq * FRAME_MS));
	return number * FRAME_MS + offsetMs - fromMs;
}

describe('an open room that is locked', () => {
	beforeAll(empty);

	it('goes on for who is in it, sealed, and opens to its new link and not to its old key', async () => {
		await host.page.getByRole('button', { name: 'Leave', exact: true }).click();
		await goHome(host);
		const key = await startRoom(host, 'The gate swings shut');
		await unmute(host);
		const ears = recorder();
		const [ben, nora] = await Promise.all([
			scene.listener('Ben', key),
			joinHeadless(scene.seed.url, key, 'Nora', { fanout: 0, shape: ears.shape })
		]);
		headless.push(nora);
		await hears(ben, HOST_HZ);
		await eventually(
			'Nora is given sound',
			() => Promise.resolve(ears.frames.length),
			(count) => count > LISTENED_FRAMES
		);
		expect(ears.frames.some(({ sealed }) => sealed === true)).toBe(false);
		await host.page.getByRole('button', { name: 'Desk' }).click();
		await host.page.getByRole('button', { name: 'Lock the room' }).click();
		await host.page.getByRole('button', { name: 'Close' }).click();
		await eventually(
			'two seconds of sound come sealed',
			() => Promise.resolve(ears.frames.slice(-LISTENED_FRAMES)),
			(last) => last.every(({ sealed }) => sealed === true)
		);
		const before = playedBy(await diagnosticsOf(ben));
		await eventually(
			'Ben has heard two seconds of it',
			() => diagnosticsOf(ben),
			(now) => playedBy(now) > before + LISTENED_FRAMES
		);
		await hears(ben, HOST_HZ);
		expect((await diagnosticsOf(ben)).lock).toMatchObject({ key: 1, epoch: 1 });
		const [cleo, dora] = await Promise.all([open('Cleo', key), open('Dora', await linkOf(host))]);
		await listen(dora);
		await hears(dora, HOST_HZ);
		await cleo.page.getByRole('heading', { name: 'This room is locked' }).waitFor();
		expect((await tonesAt(cleo.page, [HOST_HZ]))[0]).toBeLessThan(SILENT_DBFS);
	});
});

const includes = (whole: Uint8Array, part: Uint8Array): boolean =>
	Buffer.from(concat(whole)).includes(Buffer.from(part));
