/**
 * The run loop: feeds the core one input, carries out every output, then the next. Runs in a Worker in the
 * browser and as it is in Node. Everything asynchronous (signing, verifying, the disk) happens here and
 * comes back as an input.
 */
import type { Clock, Keys, LinkChannels, Store } from '#lib/io/ports.ts';
import type { PeerInput, PeerOptions, PeerOutput } from '#lib/p2p/peer/io.ts';
import { createPeer } from '#lib/p2p/peer/peer.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import {
	markVerified,
	openEnvelope,
	seal,
	signingBytes,
	type Verified
} from '#lib/p2p/wire/envelope.ts';
import type { RoomEvent } from '#lib/p2p/wire/event.ts';
import { publicKeyOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import { createEngineLinks } from './links.ts';
import type { EngineDiagnostics, EngineStatus, NetworkNews, NetworkOrder } from './messages.ts';
import { createRoomMemory } from './room-memory.ts';

/** The screen is told of changes at most this often; ten times a second is what an eye follows. */
const STATUS_INTERVAL_MS = 100;
/** The last few errors are worth reading; the first of a flood says no more. */
const ERRORS_KEPT_MAX = 20;

export interface EngineParts {
	readonly clock: Clock;
	readonly keys: Keys;
	readonly store: Store;
	/** Carries out what needs the network. */
	readonly order: (order: NetworkOrder) => void;
	/** Sound to be played; a batch keeps its order. */
	readonly play: (inputs: readonly PlayoutInput[]) => void;
	readonly onStatus: (status: EngineStatus) => void;
	/** Our microphone may be heard from now on, or no longer. */
	readonly onMicrophone: (open: boolean) => void;
	/** How the encoder of our microphone fares, where there is one. */
	readonly encoder?: () => { readonly encoded: number; readonly dropped: number };
}

export interface Engine {
	/** Once, first: loads what this device remembers of the room and begins. */
	start(): Promise<void>;
	feed(input: PeerInput): void;
	news(news: NetworkNews): void;
	take(peer: PeerId, channels: LinkChannels): void;
	/** Steps down where we are on stage, says goodbye, and stops. Resolves when all of it was handed to the network. */
	leave(): Promise<void>;
	diagnostics(): EngineDiagnostics;
	/** Notes an error that came from the side. */
	note(error: unknown): void;
}

export function createEngine(options: PeerOptions, parts: EngineParts): Engine {
	const peer = createPeer(options);
	const memory = createRoomMemory(parts.store, options.room);
	const inputs: PeerInput[] = [];
	const errors: string[] = [];
	let carrying = false;
	let stopped = false;
	let signing: Promise<void> = Promise.resolve();
	let lastStatusMs = 0;
	let statusDue = false;

	const links = createEngineLinks({
		onInput: (input) => feed(input),
		onUseless: (useless) => parts.order({ type: 'close', peer: useless })
	});

	function note(error: unknown): void {
		errors.unshift(error instanceof Error ? error.message : String(error));
		errors.length = Math.min(errors.length, ERRORS_KEPT_MAX);
	}

	function feed(input: PeerInput): void {
		inputs.push(input);
		if (carrying || stopped) return;
		carrying = true;
		for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
			carryOut(peer.handle(next, parts.clock.nowMs()));
		}
		carrying = false;
	}

	function carryOut(outputs: readonly PeerOutput[]): void {
		const sounds: PlayoutInput[] = [];
		for (const output of outputs) {
			if (output.type === 'play') sounds.push(output.input);
			else carry(output);
		}
		if (sounds.length > 0) parts.play(sounds);
	}

	function carry(output: Exclude<PeerOutput, { type: 'play' }>): void {
		switch (output.type) {
			case 'control':
				return links.control(output.to, output.bytes);
			case 'datagram':
				return links.datagram(output.to, output.bytes);
			case 'verify':
				return verify(output.envelope, output.from);
			case 'sign':
				signing = signing.then(() => sign(output.unsigned, output.gossip)).catch(note);
				return;
			case 'microphone':
				return parts.onMicrophone(output.open);
			case 'view':
				return void (statusDue = true);
			case 'wake':
				parts.clock.wake(output.atMs, onWake);
				return;
			case 'close':
				links.drop(output.peer);
				return parts.order(output);
			case 'find':
			case 'announce':
			case 'withdraw':
			case 'open':
			case 'admit':
			case 'refuse':
				return parts.order(output);
		}
	}

	function onWake(): void {
		if (stopped) return;
		feed({ type: 'tick' });
		tellStatus();
	}

	function tellStatus(): void {
		const nowMs = parts.clock.nowMs();
		const levels = peer.levels(nowMs);
		if (!statusDue && levels.size === 0 && nowMs - lastStatusMs < 10 * STATUS_INTERVAL_MS) return;
		statusDue = false;
		lastStatusMs = nowMs;
		parts.onStatus({ view: peer.view(), levels: [...levels] });
	}

	function verify(envelope: Uint8Array, from: PeerId | null): void {
		check(parts.keys, envelope).then((event) => {
			feed(event === null ? { type: 'forged', from } : { type: 'verified', event, from });
		}, note);
	}

	/** Signed, remembered on this device, and only then told: a number once used is never used again. */
	async function sign(unsigned: Uint8Array, gossip: boolean): Promise<void> {
		const signature = await parts.keys.sign(signingBytes(unsigned));
		const envelope = seal(unsigned, signature);
		const opened = openEnvelope(envelope);
		if (!opened.ok) throw new Error(`Our own event is malformed: ${opened.reason}.`);
		if (gossip) await memory.save([...peer.envelopes(), envelope]).catch(note);
		feed({ type: 'verified', event: markVerified(opened.event), from: null });
		if (gossip) parts.order({ type: 'publish', envelope });
		tellStatus();
	}

	async function judge(news: Extract<NetworkNews, { type: 'gossip' }>): Promise<void> {
		const event = await check(parts.keys, news.bytes);
		const verdict = event === null ? 'reject' : peer.judge(event);
		parts.order({ type: 'verdict', ticket: news.ticket, verdict });
		if (event !== null && verdict !== 'reject') feed({ type: 'verified', event, from: null });
	}

	return {
		async start() {
			const saved = await memory.load().catch((error: unknown) => {
				note(error);
				return [];
			});
			const events = await Promise.all(saved.map((envelope) => check(parts.keys, envelope)));
			feed({ type: 'start', saved: events.filter((event) => event !== null) });
			tellStatus();
		},
		feed,
		news(news) {
			if (news.type === 'gossip') judge(news).catch(note);
			else {
				if (news.type === 'closed') links.drop(news.peer);
				feed(news);
			}
		},
		take: (from, channels) => links.take(from, channels),
		async leave() {
			feed({ type: 'wish', wish: { type: 'step-down' } });
			await signing;
			feed({ type: 'leave' });
			tellStatus();
			stopped = true;
		},
		diagnostics: () => ({
			...peer.diagnostics(parts.clock.nowMs()),
			engine: { unsent: links.unsent, encoder: parts.encoder?.() ?? null, errors: [...errors] }
		}),
		note
	};
}

/** The event in an envelope whose signature holds; null for anything else. */
async function check(keys: Keys, envelope: Uint8Array): Promise<Verified<RoomEvent> | null> {
	const opened = openEnvelope(envelope);
	if (!opened.ok) return null;
	const key = publicKeyOf(opened.event.author);
	if (key === null) return null;
	const good = await keys.verify(key, signingBytes(opened.unsigned), opened.signature);
	return good ? markVerified(opened.event) : null;
}
