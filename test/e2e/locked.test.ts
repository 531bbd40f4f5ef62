/**
 * A locked room, whole: who has the secret link hears the tone; a page with the key alone, a relay helper and whoever
 * listens in at the seed find nothing but ciphertext; who is removed holds every packet and opens none.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createPeerNode } from '#lib/io/net/peer-node.ts';
import { fetchSeedInfo } from '#lib/io/net/seed-info.ts';
import type { DataChannel } from '#lib/io/ports.ts';
import { gateOf, passOf } from '#lib/p2p/lock/secrets.ts';
import { createVault, EPOCH_KEY_BYTES } from '#lib/p2p/lock/vault.ts';
import { openEnvelope } from '#lib/p2p/wire/envelope.ts';
import { concat, fromHex, type RoomId } from '#lib/p2p/wire/ids.ts';
import { decodePacket, type VoiceFrame } from '#lib/p2p/wire/packet.ts';
import { ACCESS_BYTES, encodeAccess } from '#lib/p2p/wire/room-access.ts';
import { encodeRoomKey, parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { diagnosticsOf, eventually, listen, unmute, type Person } from './drive.ts';
import { SILENT_DBFS, tonesAt } from './ear.ts';
import { joinHeadless, type Headless } from './headless.ts';
import { hears, openScene, type Scene } from './scene.ts';

const RELAY = fileURLToPath(new URL('../../src/seed/relay.ts', import.meta.url));
const HOST_HZ = 523;
const TITLE = 'Behind the hedge';
const NEW_KEY_MS = 1_000;
const LISTENED_MS = 2_000;

let scene: Scene;
let host: Person;
/** What follows `/r/` in the link. */
let tail: string;
let room: RoomId;
let secret: Uint8Array;
const headless: Headless[] = [];
const programs: ChildProcess[] = [];
const stops: (() => Promise<void>)[] = [];

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
	for (const program of programs) program.kill('SIGKILL');
	for (const one of headless) await one.peer.stop();
	for (const stop of stops) await stop();
	await scene.close();
});

/** From the share dialog, as a person copies it. */
async function linkOf({ page }: Person): Promise<string> {
	await page.getByRole('button', { name: 'Share' }).click();
	const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
	await page.getByRole('button', { name: 'Close' }).click();
	return link.split('/r/')[1] ?? '';
}

async function open(name: string, path: string): Promise<Person> {
	const page = await scene.browsers.page(await scene.browsers.silent());
	await page.goto(new URL(`/r/${path}`, scene.seed.url).href);
	return { name, page };
}

const passTail = (): string =>
	`${encodeRoomKey(room)}#${encodeAccess(room, { kind: 'pass', bytes: passOf(room, secret) })}`;

/** Frames of voice in the packets that came over a headless peer's links, with the time they came at. */
function recorder(): {
	readonly frames: { readonly frame: VoiceFrame; readonly atMs: number }[];
	readonly shape: <C extends { readonly audio: DataChannel }>(_: unknown, channels: C) => C;
} {
	const frames: { frame: VoiceFrame; atMs: number }[] = [];
	const note = (data: unknown): void => {
		if (!(data instanceof ArrayBuffer)) return;
		const packet = decodePacket(new Uint8Array(data.slice(0)));
		for (const frame of packet?.type === 'frames' ? packet.frames : []) {
			if (frame.kind === 'voice') frames.push({ frame, atMs: Date.now() });
		}
	};
	return {
		frames,
		shape: (_, channels) => ({ ...channels, audio: overheard(channels.audio, note) })
	};
}

/** The same channel; what comes over it is noted first. */
function overheard(channel: DataChannel, note: (data: unknown) => void): DataChannel {
	return new Proxy(channel, {
		get: (target, name) => {
			const value: unknown = Reflect.get(target, name);
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		},
		set: (target, name, value: unknown) => {
			if (name !== 'onmessage' || typeof value !== 'function')
				return Reflect.set(target, name, value);
			const take = value as (event: MessageEvent) => unknown;
			target.onmessage = (event) => {
				note(event.data);
				return take(event);
			};
			return true;
		}
	});
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
		const ears = recorder();
		const relay = await joinHeadless(scene.seed.url, passTail(), 'Relay', {
			fanout: 2,
			shape: ears.shape
		});
		headless.push(relay);
		await eventually(
			'the relay is given sound',
			() => Promise.resolve(ears.frames.length),
			(count) => count > 100
		);
		expect(ears.frames.every(({ frame }) => frame.sealed === true)).toBe(true);
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

	it('is closed to who was removed: it holds every packet, and opens none after a second', async () => {
		const store = createMemoryStore();
		const rex = await joinHeadless(scene.seed.url, tail, 'Rex', { fanout: 0, store });
		headless.push(rex);
		// A friend of Rex's goes on to relay, and gives it all that comes.
		const ears = recorder();
		headless.push(
			await joinHeadless(scene.seed.url, passTail(), 'Friend', { fanout: 0, shape: ears.shape })
		);
		await eventually(
			'Rex hears',
			async () => (await rex.lastSound()).length,
			(samples) => samples > 24_000
		);
		const kept = (await store.get(`keys/${room}`)) ?? new Uint8Array(0);
		expect(kept.length).toBe(ACCESS_BYTES + 4 + EPOCH_KEY_BYTES);
		const vault = createVault(room, new Uint8Array(32));
		vault.learn(1, kept.slice(-EPOCH_KEY_BYTES));
		const opens = ({ frame }: { readonly frame: VoiceFrame }): boolean =>
			typeof vault.openFrame(frame.stream, frame.seq, frame.opus) === 'object';
		await eventually(
			'the friend hears',
			() => Promise.resolve(ears.frames.filter(opens).length),
			(count) => count > 100
		);
		await host.page.getByRole('button', { name: 'More about Rex' }).click();
		await host.page.getByRole('button', { name: 'Remove…' }).click();
		await host.page.getByRole('button', { name: 'Remove', exact: true }).click();
		const removedMs = Date.now();
		await eventually(
			'the friend has two seconds of sound after that',
			() => Promise.resolve(ears.frames.filter(({ atMs }) => atMs > removedMs + NEW_KEY_MS).length),
			(count) => count > LISTENED_MS / 20 / 2
		);
		const after = ears.frames.filter(({ atMs }) => atMs > removedMs + NEW_KEY_MS);
		expect(after.filter(opens)).toEqual([]);
		expect(after.every(({ frame }) => frame.sealed === true)).toBe(true);
		expect(rex.view()?.phase).toBe('removed');
	});

	it('has its door closed then: who comes waits, is let in by name, and hears', async () => {
		const dora = await open('Dora', tail);
		await dora.page.getByRole('heading', { name: 'You are at the door' }).waitFor();
		await listen(dora);
		const [level] = await tonesAt(dora.page, [HOST_HZ]);
		expect(level).toBeLessThan(SILENT_DBFS);
		await host.page.getByRole('button', { name: /^Let .* in$/ }).click();
		await hears(dora, HOST_HZ);
	});
});

const includes = (whole: Uint8Array, part: Uint8Array): boolean =>
	Buffer.from(concat(whole)).includes(Buffer.from(part));
