/** A room, alive, as the screens see it. Made by `openSession`; the screens only call and draw. */
import type { RoomSummary } from './summary/room-summary.ts';
import type { ChatMessage } from './chat/room-chat.ts';
import type { Captioning } from './captions/caption-desk.ts';
import type { EngineDiagnostics, ReportPreview } from './engine/messages.ts';
import type { RecorderStatus } from './engine/recorder.ts';
import type { QuietPerson } from './quiet-list.ts';
import type { Giving } from './giving.ts';
import type { SoundNews } from './sound/sound-news.ts';
import type { EventId, PeerId } from '#lib/p2p/wire/ids.ts';
import type { TranscriptLine } from '#lib/p2p/archive/transcript.ts';
import type { CaptionNews, QueueOrder, ReactionNews } from '#lib/p2p/peer/io.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { ActAsk } from '#lib/p2p/room/powers.ts';
import type { Feedback } from '#lib/p2p/voice/feedback.ts';
import type { Consent } from '#lib/p2p/wire/recording.ts';

/** What is wrong with the microphone, in the words the screen explains. */
export type MicrophoneProblem =
	/** The person or the browser's settings said no. */
	| 'refused'
	/** No microphone is connected. */
	| 'missing'
	/** Another program holds it. */
	| 'in-use'
	/** It was unplugged or withdrawn in mid-room: we muted ourselves. */
	| 'taken-away'
	/** This browser cannot capture or encode sound (no WebCodecs or no secure context). */
	| 'unsupported';

/** Everything on the screen of a room that changes. */
export interface SessionState {
	readonly view: RoomView;
	/** Loudness 0..1 of who is audible now; absent means silent. Updated about ten times a second. */
	readonly levels: ReadonlyMap<PeerId, number>;
	/** The browser wants a tap before it lets us play. */
	readonly needsTap: boolean;
	/** This browser has no sound output for us: nothing of the room will be heard. */
	readonly cannotPlay: boolean;
	readonly microphone: MicrophoneProblem | null;
	/** What happened last to a device without our doing; another object each time. */
	readonly soundNews: SoundNews | null;
	/** What we play comes back in at our microphone: others hear themselves. */
	readonly feedback: Feedback | null;
	/** We hear nothing of the room, by our own wish. */
	readonly silenced: boolean;
	/** On stage now or before, or the host: who may take along what was said. */
	readonly hasSpoken: boolean;
	/** True while `unmute` waits for the microphone. */
	readonly openingMicrophone: boolean;
	/** Seeds we are connected to now; 0 means nobody new can be found, those connected stay. */
	readonly seeds: number;
	/** Whom we do not want to hear or see, in this room or not. */
	readonly quieted: readonly QuietPerson[];
	/** Whom we have blocked from rooms we host; in another's room they may be. */
	readonly blocked: readonly PeerId[];
	/** What our own recording does; null before anything was recorded here. */
	readonly recorder: RecorderStatus | null;
	/** How many others we pass the sound on to at most now, and why. */
	readonly giving: Giving;
	/** Our own words, put into text. */
	readonly captioning: Captioning;
}

/** A report in the making. One at a time: a second one ends the first. */
export interface ReportDraft {
	readonly preview: ReportPreview;
	/** The file, signed. `everybody`: with what others said as well. Rejects after leaving, and after `close`. */
	sign(words: string, everybody: boolean): Promise<Uint8Array>;
	close(): void;
}

export interface Session {
	/** Called at once and after every change. Returns how to stop. */
	subscribe(listener: (state: SessionState) => void): () => void;
	/** Starts playback after a tap. */
	listen(): void;
	unmute(): void;
	/** Silent from now on, also where `unmute` still waits for the microphone. */
	mute(): void;
	/** Raises or lowers the hand. */
	ask(): void;
	unask(): void;
	accept(invitation: EventId): void;
	decline(invitation: EventId): void;
	/** Answers what may be recorded of us. */
	consent(answer: Consent): void;
	/** What the host does, and co-hosts as far as their powers go; what the law refuses stands in `view.refusal`. */
	moderate(act: ActAsk): void;
	/** Locks an open room, for good: who is here stays, others need the new link. */
	lockRoom(): void;
	/** Lets somebody in who waits at the door, or turns them away. */
	answerDoor(peer: PeerId, admit: boolean): void;
	/** In what order this screen shows the hands that are up. */
	orderHands(order: QueueOrder): void;
	/** Leaves the stage, stays in the room. */
	stepDown(): void;
	/** What there is to report about somebody, as it is now: what comes after changes nothing in it. Rejects after leaving. */
	beginReport(about: PeerId): Promise<ReportDraft>;
	/** Plays nothing of the room here, until it is taken back. Others are not told; captions go on. */
	silence(on: boolean): void;
	/** From now on this person is not heard here, or not seen either. Others are not told. */
	quiet(person: QuietPerson): void;
	/** Takes that back. */
	unquiet(peer: PeerId): void;
	/** Shows a reaction to everybody, for a moment; `code` is its place in REACTIONS. More than one a second for long is let go. */
	react(code: number): void;
	/** Reactions as they come, our own as well. Returns how to stop. */
	watchReactions(listener: (reactions: readonly ReactionNews[]) => void): () => void;
	/** Whether our own words may be put into text; also stops what loads, and begins anew. Holds for every room. */
	answerCaptions(yes: boolean): void;
	/** What we speak, BCP 47; null for what the room says of itself. */
	speak(language: string | null): void;
	/** What is said, in words, as it comes. Returns how to stop. */
	watchCaptions(listener: (news: readonly CaptionNews[]) => void): () => void;
	/** What was said since we came, in words that were final: in its order, times by our clock (epoch ms). */
	transcript(): readonly TranscriptLine[];
	/** Writes this beside the sound, for all to read. */
	say(text: string): void;
	/** Takes back what we wrote, or, where we may remove people, what others did. */
	unsay(said: EventId): void;
	/** What was written, the oldest first. */
	chat(): readonly ChatMessage[];
	/** The same after each change. Returns how to stop. */
	watchChat(listener: (messages: readonly ChatMessage[]) => void): () => void;
	/** How the room went, as far as we hosted it on this device. */
	summary(): RoomSummary;
	/** What the network side looks like from here, told about five times a second. Returns how to stop. */
	watchNetwork(listener: (network: EngineDiagnostics) => void): () => void;
	/** Leaves the room; resolves when neighbours were told. */
	leave(): Promise<void>;
}

/** Who I am on this device. */
export interface Profile {
	readonly peer: PeerId;
	/** Display name, at most NAME_BYTES_MAX in UTF-8. */
	readonly name: string;
}
