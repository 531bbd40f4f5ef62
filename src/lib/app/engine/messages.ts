/** What the engine (core and sound, in a worker where possible) and the network side (libp2p, WebRTC, on the page) tell each other. */
import type {
	CaptionNews,
	ChatNews,
	PeerInput,
	PeerOptions,
	PeerOutput,
	ReactionNews,
	Wish
} from '#lib/p2p/peer/io.ts';
import type { EarsWish } from '#lib/p2p/peer/ears.ts';
import type { PeerDiagnostics } from '#lib/p2p/peer/diagnostics.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { Feedback } from '#lib/p2p/voice/feedback.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { Verdict } from '#lib/io/ports.ts';
import type { LinkCounts } from './links.ts';
import type { RecorderStatus } from './recorder.ts';

/** The core's outputs that the network side carries out. */
export type NetworkOrder =
	| Extract<
			PeerOutput,
			{
				type:
					| 'find'
					| 'announce'
					| 'withdraw'
					| 'open'
					| 'admit'
					| 'refuse'
					| 'close'
					| 'routed'
					| 'meet';
			}
	  >
	| { readonly type: 'publish'; readonly envelope: Uint8Array }
	/** The answer to a `gossip` news. */
	| { readonly type: 'verdict'; readonly ticket: number; readonly verdict: Verdict };

/** What the network side reports. Channels travel beside this, for they are handed over and not copied. */
export type NetworkNews =
	| Extract<
			PeerInput,
			{
				type:
					| 'address'
					| 'members'
					| 'search-ended'
					| 'knock'
					| 'refused'
					| 'failed'
					| 'closed'
					| 'route'
					| 'follows';
			}
	  >
	/** A gossip message of somebody else, to be judged by `verdict` with the same ticket. */
	| { readonly type: 'gossip'; readonly ticket: number; readonly bytes: Uint8Array };

/** Counters of the engine itself, beside the core's. */
export interface EngineCounters {
	/** Messages not sent because the channel was not open or too much waited in it. */
	readonly unsent: number;
	/** The datagrams among them by neighbour, beside those that were due to it; of the links that there are now. */
	readonly unsentBy: Readonly<Record<PeerId, LinkCounts>>;
	/** What the channels took. The core's `bytes.up` is what it had for them: what was dropped counts there as well. */
	readonly sentBytes: number;
	/** Microphone frames encoded, and dropped because the encoder lagged; null without a microphone. */
	readonly encoder: { readonly encoded: number; readonly dropped: number } | null;
	/** Errors that came from the side (encoder, store, channel), last first, at most ERRORS_KEPT_MAX. */
	readonly errors: readonly string[];
}

export type EngineDiagnostics = PeerDiagnostics & { readonly engine: EngineCounters };

export interface EngineStatus {
	/** The same object as in the last status, unless something in it is new: a room at rest costs a screen nothing. */
	readonly view: RoomView;
	readonly levels: readonly (readonly [PeerId, number])[];
	/** The core has left the room: by our wish, or because we are out of it or it is over. */
	readonly left: boolean;
	/** Since the last status. */
	readonly reactions: readonly ReactionNews[];
	readonly captions: readonly CaptionNews[];
	readonly chat: readonly ChatNews[];
}

/** A status on its way out of the Worker, where every object is copied anew. */
export interface EngineStatusNews {
	/** Null: as it was told last. */
	readonly view: RoomView | null;
	readonly levels: EngineStatus['levels'];
	readonly left: boolean;
	readonly reactions: EngineStatus['reactions'];
	readonly captions: EngineStatus['captions'];
	readonly chat: EngineStatus['chat'];
}

export type ToEngine =
	| { readonly type: 'enter'; readonly options: PeerOptions; readonly keySeed: Uint8Array }
	| { readonly type: 'news'; readonly news: NetworkNews }
	| { readonly type: 'wish'; readonly wish: Wish }
	/** Whose voice is not to be played. */
	| { readonly type: 'mute-for-me'; readonly peers: readonly PeerId[] }
	/** How loud each voice is to be heard, and from where. */
	| ({ readonly type: 'ears' } & EarsWish)
	/** What is there to report about somebody: answered by `report-preview`, and held until the next or `report-drop`. */
	| { readonly type: 'report-begin'; readonly about: PeerId }
	/** Of what is held a file; answered by `report`. */
	| { readonly type: 'report-sign'; readonly words: string; readonly everybody: boolean }
	| { readonly type: 'report-drop' }
	/** The playout worklet's port is the message's only transferred object. */
	| { readonly type: 'playout'; readonly port: MessagePort }
	/** Frames of the microphone come through this port; `music`: they are no voice, and may be stereo. */
	| { readonly type: 'microphone'; readonly port: MessagePort; readonly music: boolean }
	/** What our microphone hears while it is open goes through this port as well (`TappedSound`); null: no longer. */
	| { readonly type: 'tap'; readonly port: MessagePort | null }
	| { readonly type: 'leave' };

/** What would go into a report. */
export interface ReportPreview {
	readonly about: PeerId;
	readonly atMs: number;
	/** Signed events, without the seats of those heard. */
	readonly events: number;
	readonly voices: readonly ReportedVoice[];
}

export interface ReportedVoice {
	readonly peer: PeerId;
	readonly name: string;
	readonly voiceMs: number;
	/** How long before the report the first of it was heard. */
	readonly fromMs: number;
	readonly bytes: number;
}

export type FromEngine =
	| { readonly type: 'order'; readonly order: NetworkOrder }
	| { readonly type: 'status'; readonly status: EngineStatusNews }
	| { readonly type: 'diagnostics'; readonly diagnostics: EngineDiagnostics }
	| { readonly type: 'microphone'; readonly open: boolean }
	/** What we play comes back in at our microphone, or does not any more. */
	| { readonly type: 'feedback'; readonly what: Feedback | null }
	/** What our own recording does; told when it is news. */
	| { readonly type: 'recorder'; readonly status: RecorderStatus }
	| { readonly type: 'report-preview'; readonly preview: ReportPreview }
	/** Null: it could not be signed. */
	| { readonly type: 'report'; readonly file: Uint8Array | null }
	/** Once, first: the engine's thread has loaded. */
	| { readonly type: 'ready' }
	/** All that follows is of the room that is entered now. */
	| { readonly type: 'entering' }
	/** The engine runs: news and channels may come. */
	| { readonly type: 'entered' }
	| { readonly type: 'left' }
	/** The room could not be entered on this device; says why. */
	| { readonly type: 'failed'; readonly reason: string };
