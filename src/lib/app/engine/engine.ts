/**
 * The run loop: feeds the core one input, carries out every output, then the next. Runs in a Worker in the
 * browser and as it is in Node. Everything asynchronous (signing, verifying, the disk) happens here and
 * comes back as an input.
 */
import type { Clock, Keys, LinkChannels, Store, Verdict } from '#lib/io/ports.ts';
import type { Evidence } from '#lib/p2p/peer/evidence.ts';
import type { PeerInput, PeerOptions, PeerOutput } from '#lib/p2p/peer/io.ts';
import { createPeer, type Peer } from '#lib/p2p/peer/peer.ts';
import type { Taping } from '#lib/p2p/peer/taping.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { KEY_SEALING } from '#lib/p2p/wire/key-message.ts';
import { createEngineLinks, type EngineLinks } from './links.ts';
import type { EngineDiagnostics, EngineStatus, NetworkNews, NetworkOrder } from './messages.ts';
import type { Recorder } from './recorder.ts';
import { createRoomMemory, type RoomMemory } from './room-memory.ts';
import { createScreenNews, type ScreenNews } from './screen-news.ts';
import { checkEnvelope, isOfLaterVersion, signEvent } from './signatures.ts';

/** A screen with nothing new on it is still told once a second, so that it can tell a hung engine. */
const STATUS_QUIET_MS = 1_000;
/** The sound path wakes the core far more often than a screen is drawn anew for. */
const STATUS_PAUSE_MS = 80;
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
	/** What the host's app keeps of the room, where it can keep anything. */
	readonly recorder?: Recorder;
	/** How the encoder of our microphone fares, where there is one. */
	readonly encoder?: () => { readonly encoded: number; readonly dropped: number };
}

export interface Engine {
	/** Once, first: loads what this device remembers of the room and begins. */
	start(): Promise<void>;
	feed(input: PeerInput): void;
	news(news: NetworkNews): void;
	/** To be called in the turn of the event loop that brought the channels. */
	take(peer: PeerId, channels: LinkChannels): void;
	/** Steps down where we are on stage, says goodbye, lets those move on who hear by us, and stops. */
	leave(): Promise<void>;
	diagnostics(): EngineDiagnostics;
	/** What a report about somebody could bear out now; it stays as it is. */
	evidence(about: PeerId): Evidence;
	/** What a recording is to hold of the room now; null where we are not its host. */
	taping(): Taping | null;
	/** Notes an error that came from the side. */
	note(error: unknown): void;
}

type Output<T extends PeerOutput['type']> = Extract<PeerOutput, { type: T }>;

interface Running {
	readonly parts: EngineParts;
	readonly peer: Peer;
	readonly memory: RoomMemory;
	readonly links: EngineLinks;
	readonly news: ScreenNews;
	readonly inputs: PeerInput[];
	/** Last first. */
	readonly errors: string[];
	carrying: boolean;
	stopped: boolean;
	/** What has put us out stands on this device. */
	hasRemembered: boolean;
	/** Called once the core has left. */
	onLeft: (() => void) | null;
	/** Our own events are signed, saved and told one after the other. */
	signing: Promise<void>;
	statusDue: boolean;
	lastStatusMs: number;
	shown: Shown | null;
}

/** The view as the screen has it, and as text, to tell whether another is any different. */
interface Shown {
	readonly view: RoomView;
	readonly text: string;
	readonly atMs: number;
}

export function createEngine(options: PeerOptions, parts: EngineParts): Engine {
	const engine: Running = {
		parts,
		peer: createPeer(options),
		memory: createRoomMemory(parts.store, options.room),
		links: createEngineLinks({
			clock: parts.clock,
			onInput: (input) => feed(engine, input),
			onUseless: (peer) => parts.order({ type: 'close', peer })
		}),
		news: createScreenNews(),
		inputs: [],
		errors: [],
		carrying: false,
		stopped: false,
		hasRemembered: false,
		onLeft: null,
		signing: Promise.resolve(),
		statusDue: false,
		lastStatusMs: 0,
		shown: null
	};
	return {
		start: () => start(engine),
		feed: (input) => feed(engine, input),
		news: (news) => onNews(engine, news),
		take: (peer, channels) => engine.links.take(peer, channels),
		leave: () => leave(engine),
		diagnostics: () => ({
			...engine.peer.diagnostics(parts.clock.nowMs()),
			engine: {
				unsent: engine.links.unsent,
				unsentBy: engine.links.unsentBy,
				sentBytes: engine.links.sentBytes,
				encoder: parts.encoder?.() ?? null,
				errors: [...engine.errors]
			}
		}),
		evidence: (about) => engine.peer.evidence(about, parts.clock.nowMs()),
		taping: () => engine.peer.taping(),
		note: (error) => note(engine, error)
	};
}

async function start(engine: Running): Promise<void> {
	const saved = await engine.memory.load().catch((error: unknown) => {
		note(engine, error);
		return [];
	});
	const { keys } = engine.parts;
	const events = await Promise.all(saved.map((envelope) => checkEnvelope(keys, envelope)));
	const kept = await engine.memory.loadKeys().catch((error: unknown) => {
		note(engine, error);
		return null;
	});
	feed(engine, {
		type: 'start',
		saved: events.filter((event) => event !== null),
		...(kept === null ? {} : { kept })
	});
	tellStatus(engine);
}

/** Inputs that come while outputs are carried out wait their turn. */
function feed(engine: Running, input: PeerInput): void {
	engine.inputs.push(input);
	if (engine.carrying || engine.stopped) return;
	engine.carrying = true;
	try {
		for (let next = engine.inputs.shift(); next !== undefined; next = engine.inputs.shift()) {
			carryOut(engine, engine.peer.handle(next, engine.parts.clock.nowMs()));
		}
	} finally {
		// A bug of the core's is thrown on; it must not leave us deaf to all that comes after it.
		engine.carrying = false;
	}
}

/** What fails is noted, and takes nothing along: the wake behind it, least of all, by which the core lives. */
function carryOut(engine: Running, outputs: readonly PeerOutput[]): void {
	const sounds: PlayoutInput[] = [];
	for (const output of outputs) {
		if (output.type === 'play') sounds.push(output.input);
		else attempt(engine, () => carry(engine, output));
	}
	if (sounds.length > 0) attempt(engine, () => engine.parts.play(sounds));
}

function attempt(engine: Running, act: () => void): void {
	try {
		act();
	} catch (error) {
		note(engine, error);
	}
}

function carry(engine: Running, output: Exclude<PeerOutput, { type: 'play' }>): void {
	const { parts, links } = engine;
	switch (output.type) {
		case 'control':
			return links.control(output.to, output.bytes);
		case 'datagram':
			return links.datagram(output.to, output.bytes);
		case 'verify':
			return verify(engine, output);
		case 'sign':
			return sign(engine, output);
		case 'prove':
			return prove(engine, output);
		case 'check':
			return check(engine, output);
		case 'seal':
			return seal(engine, output);
		case 'unseal':
			return unseal(engine, output);
		case 'keep':
			return keep(engine, output.bytes);
		case 'microphone':
			return parts.onMicrophone(output.open);
		case 'caption':
			parts.recorder?.text(output.news.by.peer, output.envelope, output.news);
			return engine.news.add(output);
		case 'chat':
		case 'reaction':
			return engine.news.add(output);
		case 'record':
			return parts.recorder?.hear(output);
		case 'view':
			engine.statusDue = true;
			return;
		case 'wake':
			parts.clock.wake(output.atMs, () => onWake(engine));
			return;
		case 'close':
			return links.close(output.peer);
		case 'open':
			links.cutShort(output.to.peer);
			return parts.order(output);
		case 'find':
		case 'announce':
		case 'withdraw':
		case 'routed':
		case 'admit':
		case 'refuse':
		case 'meet':
			return parts.order(output);
	}
}

function onWake(engine: Running): void {
	if (engine.stopped) return;
	feed(engine, { type: 'tick' });
	const quietMs = engine.parts.clock.nowMs() - engine.lastStatusMs;
	if (quietMs >= STATUS_PAUSE_MS) tellStatus(engine);
	if (!engine.peer.left) return;
	rememberWhy(engine);
	engine.onLeft?.();
}

/** Who comes back to a room that it was removed from, or that has ended, should find out at once, and why. */
function rememberWhy(engine: Running): void {
	if (engine.hasRemembered) return;
	engine.hasRemembered = true;
	const { phase } = engine.peer.view();
	if (phase !== 'removed' && phase !== 'ended') return;
	engine.memory.save(engine.peer.envelopes()).catch((error: unknown) => note(engine, error));
}

function tellStatus(engine: Running): void {
	const { peer, parts } = engine;
	const nowMs = parts.clock.nowMs();
	const levels = peer.levels(nowMs);
	const quiet = !engine.statusDue && levels.size === 0 && engine.news.isEmpty;
	if (quiet && nowMs - engine.lastStatusMs < STATUS_QUIET_MS) return;
	const view = viewNow(engine, nowMs);
	engine.statusDue = false;
	engine.lastStatusMs = nowMs;
	parts.onStatus({ view, levels: [...levels], ...engine.news.empty(), left: peer.left });
}

/** Drawn anew where the core says so, and once a second; the same object as before where it turns out the same. */
function viewNow(engine: Running, nowMs: number): RoomView {
	const { shown } = engine;
	const isFresh = shown !== null && nowMs - shown.atMs < STATUS_QUIET_MS;
	if (isFresh && !engine.statusDue) return shown.view;
	const next = engine.peer.view();
	const text = JSON.stringify(next);
	const view = text === shown?.text ? shown.view : next;
	engine.shown = { view, text, atMs: nowMs };
	return view;
}

function verify(engine: Running, { envelope, from }: Output<'verify'>): void {
	feedWhen(engine, checkEnvelope(engine.parts.keys, envelope), (event) =>
		event === null ? { type: 'forged', from } : { type: 'verified', event, from }
	);
}

/** Frames are signed and checked beside each other: none waits for an event, or for the disk. */
function prove(engine: Running, { ticket, message }: Output<'prove'>): void {
	const signed = engine.parts.keys.sign(message);
	feedWhen(engine, signed, (signature) => ({ type: 'proved', ticket, signature }));
}

function check(engine: Running, output: Output<'check'>): void {
	const { ticket, publicKey, message, signature } = output;
	const checked = engine.parts.keys.verify(publicKey, message, signature);
	feedWhen(engine, checked, (good) => ({ type: 'checked', ticket, good }));
}

function seal(engine: Running, { ticket, to, plain }: Output<'seal'>): void {
	const made = engine.parts.keys.seal(to, plain, KEY_SEALING);
	feedWhen(engine, made, (sealed) => ({ type: 'sealed', ticket, sealed }));
}

function unseal(engine: Running, { sealed }: Output<'unseal'>): void {
	const opened = engine.parts.keys.open(sealed, KEY_SEALING);
	feedWhen(engine, opened, (plain) => ({ type: 'unsealed', plain }));
}

/** What was asked of the keys comes back as an input. */
function feedWhen<T>(engine: Running, done: Promise<T>, asInput: (value: T) => PeerInput): void {
	done.then(
		(value) => feed(engine, asInput(value)),
		(error: unknown) => note(engine, error)
	);
}

function keep(engine: Running, bytes: Uint8Array): void {
	engine.memory.saveKeys(bytes).catch((error: unknown) => note(engine, error));
}

function sign(engine: Running, output: Output<'sign'>): void {
	engine.signing = engine.signing
		.then(() => signNow(engine, output))
		.catch((error: unknown) => note(engine, error));
}

/** Signed, remembered on this device, and only then told: a number once used is never used again. */
async function signNow(engine: Running, { unsigned, gossip }: Output<'sign'>): Promise<void> {
	const event = await signEvent(engine.parts.keys, unsigned);
	if (gossip) {
		await engine.memory
			.save([...engine.peer.envelopes(), event.bytes])
			.catch((error: unknown) => note(engine, error));
	}
	feed(engine, { type: 'verified', event, from: null });
	if (gossip) engine.parts.order({ type: 'publish', envelope: engine.peer.wrap(event.bytes) });
	tellStatus(engine);
}

function onNews(engine: Running, news: NetworkNews): void {
	if (news.type === 'closed') engine.links.drop(news.peer);
	if (news.type !== 'gossip') return feed(engine, news);
	judge(engine, news).catch((error: unknown) => note(engine, error));
}

async function judge(
	engine: Running,
	news: Extract<NetworkNews, { type: 'gossip' }>
): Promise<void> {
	const envelope = engine.peer.unwrap(news.bytes);
	const event = envelope === null ? null : await checkEnvelope(engine.parts.keys, envelope);
	const verdict = event === null ? unreadable(envelope) : engine.peer.judge(event);
	engine.parts.order({ type: 'verdict', ticket: news.ticket, verdict });
	if (event !== null && verdict !== 'reject') feed(engine, { type: 'verified', event, from: null });
}

/** Null where it was not even sealed by somebody who knows the room's pass. */
function unreadable(envelope: Uint8Array | null): Verdict {
	return envelope !== null && isOfLaterVersion(envelope) ? 'ignore' : 'reject';
}

async function leave(engine: Running): Promise<void> {
	try {
		if (engine.peer.view().stage.some((seat) => seat.me)) {
			feed(engine, { type: 'wish', wish: { type: 'step-down' } });
		}
		await engine.signing;
		feed(engine, { type: 'leave' });
		tellStatus(engine);
		await untilLeft(engine);
	} finally {
		engine.stopped = true;
		await engine.links.closeAll();
	}
}

/** The core looks around ten times a second, and sets itself a limit. */
function untilLeft(engine: Running): Promise<void> {
	if (engine.peer.left) return Promise.resolve();
	return new Promise((resolve) => {
		engine.onLeft = resolve;
	});
}

function note(engine: Running, error: unknown): void {
	engine.errors.unshift(error instanceof Error ? error.message : String(error));
	engine.errors.length = Math.min(engine.errors.length, ERRORS_KEPT_MAX);
}
