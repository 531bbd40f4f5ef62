/**
 * What the core needs from outside, as interfaces. Adapters live in the folders beside this file; each
 * implements one port and decides nothing. Fakes live in test/ and pass the same contract suites.
 */
import type { Contact } from '#lib/p2p/wire/contact.ts';
import type { PeerId, ReachKey, RoomId, ShareKey } from '#lib/p2p/wire/ids.ts';
import type { Posted, TellAnswer } from '#lib/p2p/wire/lobby.ts';

/** Time and its alarms. Milliseconds since the epoch, never going back within one run. */
export interface Clock {
	nowMs(): number;
	/** Calls `ring` once, at or soon after `atMs`. The returned function cancels it. */
	wake(atMs: number, ring: () => void): () => void;
}

/** What a validator says of a message: keep and pass on, drop silently, drop and hold it against the sender. */
export type Verdict = 'accept' | 'ignore' | 'reject';

/** Signed room events among all members. */
export interface Gossip {
	/** Subscribes to the room's topic. `judge` sees each message of others once, before it is passed on. */
	join(room: RoomId, judge: (message: Uint8Array) => Promise<Verdict>): GossipRoom;
}

export interface GossipRoom {
	/** Resolves when handed to the network; delivery is not promised: neighbours repair by digest. */
	publish(message: Uint8Array): Promise<void>;
	/**
	 * Names others in the room. Gossip keeps direct connections to a few of them, so that it goes on without
	 * seeds, until `leave`.
	 */
	befriend(contacts: readonly Contact[]): void;
	leave(): void;
}

/** What somebody can be found by: the room they are in, what their card says, or what they share. */
export type MeetingPoint = RoomId | ReachKey | ShareKey;

/** Finds members of a room by its id, and people by their cards (kad-dht provider records). */
export interface Directory {
	/** Says "I am here" now and keeps saying it until `withdraw`. Failures are retried, bounded in rate. */
	announce(at: MeetingPoint): void;
	withdraw(at: MeetingPoint): void;
	/**
	 * Those there in order of arrival, without ourselves, at most `PROVIDERS_MAX`. Ends when the search does: that is
	 * after all who know were asked, or on `signal`, which is the only end while no seed is reached.
	 */
	find(at: MeetingPoint, signal: AbortSignal): AsyncIterable<Contact>;
}

/** What the other side made of a letter. */
export type LetterAnswer =
	/** It has it, or wants none of ours: which of the two is nobody's business. */
	| 'taken'
	/** Too many at a time: later. */
	| 'busy'
	/** Not sealed to it, or not whole. */
	| 'unreadable';

/** Sealed letters between two peers that are both there. */
export interface Letters {
	/** Rejects where nobody can be reached there, or once `signal` aborts. */
	send(to: Contact, sealed: Uint8Array, signal: AbortSignal): Promise<LetterAnswer>;
	/** Hands over each letter of others, of whom it is proven who they are. One taker at a time; the result takes it away. */
	onLetter(take: (from: PeerId, sealed: Uint8Array) => Promise<LetterAnswer>): () => void;
}

/** Over a seed's relay, which carries little, or from peer to peer. */
export type ShareWay = 'relayed' | 'direct';

/** Null: nothing is said, and the other side is left. */
export type ShareAnswerer = (
	from: PeerId,
	question: Uint8Array,
	way: ShareWay
) => Promise<Uint8Array | null>;

/** Questions about what is shared, and answers with the pieces of it. What they say is not this port's business. */
export interface Sharing {
	/** One question by whatever way there is, a relay as a rule. Rejects where nobody answers, or once `signal` aborts. */
	ask(to: Contact, question: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
	/**
	 * A direct connection for many questions. Rejects where there is no way through: who is called has to have answered
	 * a question of ours within SHARE_EXPECTED_MS.
	 */
	line(to: Contact, signal: AbortSignal): Promise<ShareLine>;
	/** Who answers. One at a time; the result takes it away. */
	onQuestion(answer: ShareAnswerer): () => void;
	/** Whether others may call directly. */
	listen(on: boolean): void;
}

export interface ShareLine {
	readonly peer: PeerId;
	/** Answers come in the order of the questions. Rejects once the line is closed. */
	ask(question: Uint8Array): Promise<Uint8Array>;
	/** Calls back once, when it is closed, by whomever. */
	onClose(listener: () => void): void;
	close(): void;
}

/** Listings of rooms, at the seeds we are connected to. */
export interface Lobby {
	/** Gives a signed listing to each seed; resolves with what those said that answered. */
	tell(listing: Uint8Array): Promise<readonly TellAnswer[]>;
	/**
	 * What each seed has that is new since the page it gave before. No page of a seed that did not answer. Nothing
	 * in it is checked.
	 */
	look(before: readonly Pick<LobbyPage, 'seed' | 'epoch' | 'revision'>[]): Promise<LobbyPage[]>;
}

export interface LobbyPage {
	/** The peer id of the seed. */
	readonly seed: string;
	/** Names one life of the seed; with another one than before, this is all it has. */
	readonly epoch: number;
	readonly revision: number;
	readonly posted: readonly Posted[];
}

/** Introductions: few, small, ordered messages between two peers, through a seed or directly. */
export interface Signalling {
	/**
	 * Opens a stream to a peer; its identity is proven. Rejects where the peer cannot be reached, or once
	 * `signal` aborts.
	 */
	open(to: Contact, signal: AbortSignal): Promise<SignalStream>;
	/** Hands over every stream that others open from now on. One taker at a time; the result takes it away. */
	onStream(take: (stream: SignalStream) => void): () => void;
}

export interface SignalStream {
	readonly peer: PeerId;
	/** Messages in order, also those that came before this call; then `closed` exactly once. Call it once. */
	listen(handlers: SignalHandlers): void;
	/** One message of 1 to `SIGNAL_BYTES_MAX` bytes. Does nothing once closed. */
	send(message: Uint8Array): void;
	/** Lets go after what was sent is on its way. Does nothing the second time. */
	close(): void;
}

export interface SignalHandlers {
	message(bytes: Uint8Array): void;
	/** The other side, the network or we ourselves closed it; `SIGNALS_PER_STREAM_MAX` passed counts as such. */
	closed(): void;
}

/** The part of RTCDataChannel that the sound path uses; a real channel fits as it is. */
export interface DataChannel {
	readonly readyState: RTCDataChannelState;
	readonly bufferedAmount: number;
	binaryType: string;
	onopen: ((event: Event) => unknown) | null;
	onclose: ((event: Event) => unknown) | null;
	onmessage: ((event: MessageEvent) => unknown) | null;
	send(data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): void;
	close(): void;
}

/** The two channels of a link. `audio` is unordered and never retransmits; `control` is reliable and ordered. */
export interface LinkChannels {
	readonly audio: DataChannel;
	readonly control: DataChannel;
}

/** Names one knock that waits for its answer. */
export type KnockTicket = number & { readonly ticket: 'knock' };

export type LinkEvent =
	/** Somebody asks for a link. Answer by `answer(ticket, ...)`; unanswered ones time out. */
	| {
			readonly type: 'knock';
			readonly ticket: KnockTicket;
			readonly from: PeerId;
			readonly knock: Uint8Array;
	  }
	/**
	 * The PeerConnection was just made, its channels not open yet: take them now or never (transfer rule).
	 * Who knocks gets them before the answer, and has the link when they open.
	 */
	| { readonly type: 'channels'; readonly peer: PeerId; readonly channels: LinkChannels }
	/** Our knock was answered with no. Its channels are 'closed' first. */
	| { readonly type: 'refused'; readonly peer: PeerId; readonly refusal: Uint8Array }
	/**
	 * Our knock came to nothing before its link was open: unreachable, timed out, broken off. 'closed' first.
	 * `answered`: the peer itself has said something to it, so it is there.
	 */
	| {
			readonly type: 'failed';
			readonly peer: PeerId;
			readonly reason: string;
			readonly answered: boolean;
	  }
	/**
	 * Channels are gone. Exactly once for each 'channels' event, and before what replaces them: where two
	 * knocked at each other at once, the one with the larger id, on admitting, sees 'closed', then 'channels'.
	 */
	| { readonly type: 'closed'; readonly peer: PeerId };

export type KnockAnswer =
	{ readonly admit: true } | { readonly admit: false; readonly refusal: Uint8Array };

/** WebRTC links (simple-peer), signalled over libp2p. At most one link, or one attempt, for each peer. */
export interface Links {
	/** Knocks at `to`; if admitted, builds the link. Outcome by event. A second call for the same peer is ignored. */
	open(to: Contact, knock: Uint8Array): void;
	answer(ticket: KnockTicket, answer: KnockAnswer): void;
	/** Closes a link or gives up an attempt. Reports 'closed' where there were channels, and nothing else. */
	close(peer: PeerId): void;
	/** Closes everything at once and takes no more knocks. */
	stop(): void;
}

/** Ed25519 by whatever the platform has (WebCrypto). */
export interface Keys {
	readonly publicKey: Uint8Array;
	/** 64 bytes. */
	sign(message: Uint8Array): Promise<Uint8Array>;
	/** False for a bad signature and for a malformed key alike; never throws. */
	verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
	/**
	 * So that only the owner of that key can read it (HPKE, RFC 9180), who opens it for the same purpose;
	 * SEALING_EXTRA_BYTES longer. Rejects where `to` is no such key.
	 */
	seal(to: Uint8Array, plain: Uint8Array, purpose: Uint8Array): Promise<Uint8Array>;
	/** Null for what was sealed for another or for another purpose, or changed; never throws. */
	open(sealed: Uint8Array, purpose: Uint8Array): Promise<Uint8Array | null>;
}

/** Small things an app remembers, by name: the identity, the settings. */
export interface Store {
	get(name: string): Promise<Uint8Array | null>;
	put(name: string, value: Uint8Array): Promise<void>;
	/** Puts what `change` makes of what is there: nobody puts anything in between, no other tab either. */
	change(name: string, change: (value: Uint8Array | null) => Uint8Array): Promise<void>;
	delete(name: string): Promise<void>;
}

/** Puts a voice into words, on this device alone: an engine that sends sound away is none. */
export interface Captioner {
	/** Frames come through this port from now on. What comes before it is ready is not put into words. */
	listen(port: MessagePort): void;
	/** Ends it, and lets go of the memory it took: some 300 MB. */
	stop(): void;
}

/** Where captions come from. */
export interface CaptionSource {
	/** Languages (BCP 47) that can be put into words, and what to ask for. Rejects where nobody answers and none is known. */
	packs(signal: AbortSignal): Promise<readonly CaptionPack[]>;
	/** Bytes still to be loaded for it; null where it cannot be read. */
	missingBytes(path: string, signal: AbortSignal): Promise<number | null>;
	/** Begins to load at once. `unhurried`, of a recording: no partial words, and nothing is let go. */
	start(
		path: string,
		onNews: (news: CaptionerNews) => void,
		how?: { readonly unhurried: boolean }
	): Captioner;
}

export interface CaptionPack {
	readonly language: string;
	readonly path: string;
}

export type CaptionerNews =
	| { readonly type: 'progress'; readonly doneBytes: number; readonly totalBytes: number }
	| { readonly type: 'ready'; readonly language: string }
	/** Words for the frames from `start` on; final and empty: there were none. */
	| {
			readonly type: 'words';
			readonly start: number;
			readonly ticks: number;
			readonly final: boolean;
			readonly text: string;
	  }
	/** So much sound waits to be put into words; 0 once it is not worth a word any more. */
	| { readonly type: 'lag'; readonly behindMs: number }
	/** Sound was let go that waited for too long. */
	| { readonly type: 'let-go' }
	/** This device is too weak for it: nothing more comes. */
	| { readonly type: 'weak' }
	/** Where it may take its time: everything before this frame was heard. */
	| { readonly type: 'heard'; readonly seq: number }
	/** Nothing more comes. */
	| { readonly type: 'failed'; readonly reason: string };

/** The device and its network as they are now, as far as the platform tells. */
export interface DeviceConditions {
	/** A phone or a tablet. */
	readonly handheld: boolean;
	/** Logical processors. */
	readonly cores: number;
	readonly network: {
		/** What it is connected by, in the words of the Network Information API; null where not told. */
		readonly type: string | null;
		/** The generation of mobile network that it performs like; null where not told. */
		readonly speed: '2g' | '3g' | '4g' | null;
		/** The person asked the browser to spare data. */
		readonly saveData: boolean;
		/** Data costs money, the platform says. */
		readonly metered: boolean;
	};
	/** Null where there is none, or not told. `level` is 0..1. */
	readonly battery: { readonly level: number; readonly charging: boolean } | null;
	/** Nobody can see the page now. */
	readonly hidden: boolean;
}

/** What may change under us while we are in a room. */
export interface Device {
	readonly conditions: DeviceConditions;
	/** Called after any change of the conditions. Returns how to stop. */
	onChange(listener: () => void): () => void;
}

/** 'unsupported': this browser has none. 'ask': the person has not been asked. */
export type NoticePermission = 'granted' | 'denied' | 'ask' | 'unsupported';

/** Notifications of the system, seen where the app is not. */
export interface SystemNotices {
	permission(): NoticePermission;
	/** Asks the person, in answer to a press of theirs. */
	ask(): Promise<NoticePermission>;
	/** Does nothing without permission. One of the same `tag` takes the place of another. */
	show(notice: {
		readonly title: string;
		readonly body: string;
		readonly tag: string;
		/** Where in the app it leads. */
		readonly path: string;
	}): void;
	/** Who leads there. One at a time. */
	onPressed(listener: (path: string) => void): void;
}

/** Bytes that can be read at any place: a file, or several that follow each other. */
export interface ByteSource {
	readonly size: number;
	/** As many as are there, at most `length`. */
	read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file that grows at its end. */
export interface AppendFile {
	readonly size: number;
	/** Whole and in order, or it rejects and nothing more should be written: no space, or the file is gone. */
	append(bytes: Uint8Array): Promise<void>;
	/** Writes over what is there from `at` on: whole, unless the machine stops in the middle of it. */
	overwrite(at: number, bytes: Uint8Array): Promise<void>;
	/** Cuts off what is behind `size`. */
	cut(size: number): Promise<void>;
	/** What was appended outlives the program, and with `flush` behind it the machine. */
	flush(): Promise<void>;
	close(): Promise<void>;
}

/** Null where the platform does not tell. Bytes. */
export interface DiskSpace {
	/** What this app has on the disk. */
	readonly used: number | null;
	/** What it may still write. */
	readonly left: number | null;
}

/**
 * Folders of files, for what is too large for a Store. Names are lower case letters, digits, dots and dashes, at most
 * 64; another one throws a RangeError.
 */
export interface Disk {
	/** Made where it is not there. Rejects while it is open already, here or elsewhere. */
	open(folder: string, file: string): Promise<AppendFile>;
	/** As many bytes as are there, at most `length`; none where there is no such file. Also of one that is open. */
	read(folder: string, file: string, offset: number, length: number): Promise<Uint8Array>;
	folders(): Promise<readonly string[]>;
	/** Files of a folder with their sizes, in the order of their names; none where there is no such folder. */
	files(folder: string): Promise<readonly { readonly name: string; readonly size: number }[]>;
	/** With all that is in it; content where there is none. */
	removeFolder(folder: string): Promise<void>;
	removeFile(folder: string, file: string): Promise<void>;
	space(): Promise<DiskSpace>;
}
