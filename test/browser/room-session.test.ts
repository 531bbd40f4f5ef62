/** A room on the page over an engine that the test plays: who is heard, and which words of the engine are our room's. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEngineHost, type EngineHost } from '#lib/app/engine/engine-host.ts';
import type { FromEngine, ToEngine } from '#lib/app/engine/messages.ts';
import { loadDataUse } from '#lib/app/network/data-use.ts';
import { loadPeople } from '#lib/app/people/people.ts';
import { loadQuietList } from '#lib/app/quiet-list.ts';
import { openRoomSession } from '#lib/app/room-session.ts';
import type { RoomSessionParts } from '#lib/app/session-run.ts';
import type { SessionState } from '#lib/app/session.ts';
import { loadSummaries } from '#lib/app/summary/summary-shelf.ts';
import { createTimeline } from '#lib/app/timeline.ts';
import { openSpeaker, type Speaker } from '#lib/io/audio/speaker.ts';
import { publicKeyOf } from '#lib/p2p/wire/ids.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { createFakeNetwork } from '../lib/fake-network.ts';
import { FAKE_ROOM, fakePeer, fakeView } from '../lib/fake-session.ts';
import { fakeSound } from '../lib/fake-sound.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const ME = fakePeer('Me');

/** What the page says to the engine is noted, and the test says what the engine answers. */
function playedHost(speaker: Speaker | null = null) {
	const posted: ToEngine[] = [];
	let hear: ((message: FromEngine) => void) | null = null;
	const host: EngineHost = {
		worker: { postMessage: () => undefined } as unknown as Worker,
		speaker,
		post: (message) => posted.push(message),
		listen: (listener) => (hear = listener),
		onSpeakerChange: () => undefined
	};
	const say = (...messages: readonly FromEngine[]): void => {
		for (const message of messages) hear?.(message);
	};
	const wishes = (): string[] =>
		posted.flatMap((message) => (message.type === 'wish' ? [message.wish.type] : []));
	return { host, posted, say, wishes };
}

async function partsOf(host: EngineHost, clock = createFakeClock()): Promise<RoomSessionParts> {
	const store = createMemoryStore();
	const seeds = { reached: () => 1, onChange: () => () => undefined };
	const neighbours = { list: () => [] };
	const node = { ...createFakeNetwork().join(ME), seeds, neighbours, mayCall: () => true };
	const giving = { children: 4, reason: 'automatic' } as const;
	const nothing = () => undefined;
	return {
		host,
		node: node as unknown as RoomSessionParts['node'],
		iceServers: [],
		relayOnly: false,
		data: await loadDataUse(store, clock),
		clock,
		keySeed: new Uint8Array(32).fill(1),
		options: {
			...{ me: ME, publicKey: publicKeyOf(ME)!, room: FAKE_ROOM, name: 'Me', fanout: 4 },
			opening: null
		},
		timeline: createTimeline(),
		quiet: await loadQuietList(store),
		blocked: { people: [] },
		giving: { giving, look: nothing, reconsider: nothing, onChange: nothing, close: nothing },
		people: await loadPeople({ store, me: ME, nowMs: () => clock.nowMs() }),
		sound: fakeSound(() => Promise.resolve()).desk,
		summaries: await loadSummaries(store),
		captioning: {
			source: {
				packs: () => Promise.resolve([]),
				missingBytes: () => Promise.resolve(0),
				start: () => {
					throw new Error('Nobody is captioned here.');
				}
			},
			ownLanguage: 'en',
			choice: () => ({ mine: false }) as ReturnType<RoomSessionParts['captioning']['choice']>,
			choose: nothing
		},
		onLeft: nothing
	};
}

const status = (changes: Parameters<typeof fakeView>[0] = {}): FromEngine => ({
	type: 'status',
	status: {
		view: fakeView(changes),
		levels: [],
		left: false,
		...{ reactions: [], captions: [], chat: [] }
	}
});
const ON_STAGE = { me: { ...fakeView().me, role: 'speaker' } } as const;
const ENTERED = [{ type: 'entering' }, { type: 'entered' }] as const;

afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
});

describe('a room that is entered', () => {
	it('is not ended by what the one before still had to say', async () => {
		const clock = createFakeClock();
		const { host, posted, say } = playedHost();
		const first = openRoomSession(await partsOf(host, clock));
		say(...ENTERED);
		const leaving = (await first).leave();
		// The engine takes its time, and the page waits no longer.
		clock.advance(10_000);
		await leaving;
		const second = openRoomSession(await partsOf(host, clock));
		say(status({ title: 'The room before' }), { type: 'left' }, ...ENTERED);
		const session = await second;
		say(status({ title: 'This room' }));
		const titles: string[] = [];
		session.subscribe(({ view }) => titles.push(view.title));
		expect(titles).toEqual(['This room']);
		expect(session.left).toBe(false);
		expect(posted.map(({ type }) => type).filter((type) => type === 'enter')).toHaveLength(2);
	});

	it('tells whether this browser can play it at all', async () => {
		vi.spyOn(AudioContext.prototype, 'audioWorklet', 'get').mockReturnValue(
			undefined as unknown as AudioWorklet
		);
		const none = await openSpeaker(() => undefined);
		expect(none).toMatchObject({ ok: false });
		vi.restoreAllMocks();
		const some = await openSpeaker(() => undefined);
		expect(some).toMatchObject({ ok: true });
		for (const outcome of [none, some]) {
			const { host, say } = playedHost(outcome.ok ? outcome.speaker : null);
			const opening = openRoomSession(await partsOf(host));
			say(...ENTERED, status());
			const states: SessionState[] = [];
			(await opening).subscribe((state) => states.push(state));
			expect(states.at(-1)?.cannotPlay).toBe(!outcome.ok);
			if (outcome.ok) outcome.speaker.close();
		}
	});

	it('rejects where the engine cannot enter', async () => {
		const { host, say } = playedHost();
		const opening = openRoomSession(await partsOf(host));
		say({ type: 'entering' }, { type: 'failed', reason: 'no disk' });
		await expect(opening).rejects.toThrow('no disk');
	});

	it('goes on where a report cannot be signed', async () => {
		const { host, say } = playedHost();
		const opening = openRoomSession(await partsOf(host));
		say(...ENTERED);
		const session = await opening;
		const begun = session.beginReport(fakePeer('Ana'));
		const preview = { about: fakePeer('Ana'), atMs: 0, events: 0, voices: [] };
		say({ type: 'report-preview', preview });
		const signed = (await begun).sign('', false);
		say({ type: 'report', file: null });
		await expect(signed).rejects.toThrow('could not be signed');
		expect(session.left).toBe(false);
	});
});

describe('the microphone', () => {
	it('stays silent where it opens after its owner thought better of it', async () => {
		const output = await openSpeaker(() => undefined);
		if (!output.ok) throw new Error(output.detail);
		const { context } = output.speaker;
		let give: (stream: MediaStream) => void = () => undefined;
		const asked = vi
			.spyOn(navigator.mediaDevices, 'getUserMedia')
			.mockReturnValue(new Promise((resolve) => (give = resolve)));
		const { host, posted, say, wishes } = playedHost(output.speaker);
		const opening = openRoomSession(await partsOf(host));
		say(...ENTERED, status(ON_STAGE));
		const session = await opening;
		const states: SessionState[] = [];
		session.subscribe((state) => states.push(state));
		session.unmute();
		expect(states.at(-1)?.openingMicrophone).toBe(true);
		session.mute();
		expect(states.at(-1)?.openingMicrophone).toBe(false);
		await expect.poll(() => asked.mock.calls.length).toBe(1);
		give(new MediaStreamAudioDestinationNode(context).stream);
		await expect.poll(() => posted.some(({ type }) => type === 'microphone')).toBe(true);
		expect(wishes()).not.toContain('unmute');
		// Open by now: the next wish needs no other.
		session.unmute();
		await expect.poll(wishes).toContain('unmute');
		expect(asked).toHaveBeenCalledTimes(1);
		output.speaker.close();
	});
});

describe('whoever was on stage', () => {
	it('has spoken, whatever page of the app was looked at meanwhile', async () => {
		const { host, say } = playedHost();
		const opening = openRoomSession(await partsOf(host));
		say(...ENTERED, status());
		const session = await opening;
		const spoken = (): boolean => {
			const all: boolean[] = [];
			session.subscribe(({ hasSpoken }) => all.push(hasSpoken))();
			return all[0] ?? false;
		};
		expect(spoken()).toBe(false);
		say(status(ON_STAGE), status());
		expect(spoken()).toBe(true);
	});
});

describe('an engine whose script does not load', () => {
	it('is told, ended, and made anew by who asks again', async () => {
		const made: { readonly terminate: () => void }[] = [];
		class BrokenWorker {
			onerror: ((event: Event) => void) | null = null;
			readonly terminate = vi.fn();
			constructor() {
				made.push(this);
				queueMicrotask(() => this.onerror?.(new Event('error')));
			}
		}
		vi.stubGlobal('Worker', BrokenWorker);
		await expect(startEngineHost()).rejects.toThrow('could not be loaded');
		await expect(startEngineHost()).rejects.toThrow('could not be loaded');
		expect(made).toHaveLength(2);
		for (const { terminate } of made) expect(terminate).toHaveBeenCalledTimes(1);
	});

	it('is likewise where that of the sound output does not', async () => {
		vi.spyOn(AudioWorklet.prototype, 'addModule').mockRejectedValueOnce(new Error('no network'));
		await expect(startEngineHost()).rejects.toThrow('could not be loaded');
		const host = await startEngineHost();
		expect(host.speaker).not.toBeNull();
		host.speaker?.close();
		host.worker.terminate();
	});
});
