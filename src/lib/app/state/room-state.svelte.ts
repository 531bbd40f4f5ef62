/** One open session, reactive. Wishes go in by verbs, everything to draw comes out. */
import { quietByPeer, type Quiet } from '#lib/app/quiet-list.ts';
import type { SoundNews } from '#lib/app/sound/sound-news.ts';
import type { ReportDraft, Session, SessionState } from '#lib/app/session.ts';
import type { QueueOrder } from '#lib/p2p/peer/io.ts';
import type { RemovedView, RoomView, Refusal, SeatView } from '#lib/p2p/peer/view.ts';
import type { ActAsk } from '#lib/p2p/room/powers.ts';
import type { Power } from '#lib/p2p/wire/act.ts';
import type { Consent, RecordingState } from '#lib/p2p/wire/recording.ts';
import type { EventId, PeerId } from '#lib/p2p/wire/ids.ts';
import { ChatState } from './chat-state.svelte.ts';
import type { RoomSummary } from '#lib/app/summary/room-summary.ts';
import { CaptionsState } from './captions-state.svelte.ts';
import { NetworkState } from './network-state.svelte.ts';
import { ReactionsState } from './reactions-state.svelte.ts';
import { createQuietEar } from './quiet-ear.ts';
import { createJoinNews } from './join-news.ts';
import { noticesBetween, type Notice } from './notices.ts';
import { isStillTrue, ownNewsBetween, type OwnNews } from './own-news.ts';
import { seenIn } from './seen-in.ts';

/** News with a number, so that the same news twice is told twice. */
export interface Bulletin {
	readonly number: number;
	readonly notices: readonly Notice[];
}

const isOfChat = (refusal: Refusal | null): boolean =>
	refusal === 'too-fast' || refusal === 'no-chat';

export class RoomState {
	readonly #session: Session;
	readonly #unsubscribe: () => void;
	/** What people show without a word. */
	readonly reactions: ReactionsState;
	/** What is said, in words. */
	readonly captions: CaptionsState;
	/** What people write. */
	readonly chat: ChatState;
	// `subscribe` calls back at once, so this is set before anybody can read it.
	#state = $state.raw() as SessionState;
	#bulletin = $state.raw<Bulletin>({ number: 0, notices: [] });
	#refusalSeen = $state.raw() as boolean;
	#ownNews = $state.raw<OwnNews | null>(null);
	/** Whom we have removed last, until it is taken back or taken note of. */
	#removedLast = $state.raw<PeerId | null>(null);
	/** We have asked ourselves up: the invitation is ours to take. */
	#goingUp = false;
	/** We want to answer anew what may be recorded of us. */
	#reconsiders = $state.raw(false);
	/** The microphone opens when that is answered. */
	#unmutesAfterConsent = $state.raw(false);
	readonly #quietEar = createQuietEar();
	readonly #joinNews = createJoinNews();
	#quietSpeaking = $state.raw<readonly SeatView[]>([]);
	#feedbackSeen = $state.raw(false);
	#soundNewsSeen = $state.raw() as SoundNews | null;

	// Levels change ten times a second and the view seldom: whoever reads only the view rests meanwhile.
	readonly view: RoomView = $derived(this.#state.view);
	readonly levels = $derived(this.#state.levels);
	readonly needsTap = $derived(this.#state.needsTap);
	readonly cannotPlay = $derived(this.#state.cannotPlay);
	readonly microphone = $derived(this.#state.microphone);
	/** Of devices, until it is taken note of. */
	readonly soundNews: SoundNews | null = $derived(
		this.#state.soundNews === this.#soundNewsSeen ? null : this.#state.soundNews
	);
	/** Others hear themselves by us; until it is over, or taken note of. */
	readonly feedback = $derived(this.#feedbackSeen ? null : this.#state.feedback);
	/** We hear nothing of the room, by our own wish. */
	readonly silenced = $derived(this.#state.silenced);
	readonly openingMicrophone = $derived(this.#state.openingMicrophone);
	/** On stage now or before, or the host: who may take along what was said. */
	readonly hasSpoken = $derived(this.#state.hasSpoken);
	readonly seeds = $derived(this.#state.seeds);
	readonly quieted: ReadonlyMap<PeerId, Quiet> = $derived(quietByPeer(this.#state.quieted));
	readonly giving = $derived(this.#state.giving);
	readonly recorder = $derived(this.#state.recorder);
	readonly captioning = $derived(this.#state.captioning);
	readonly onStage = $derived(this.view.me.role !== 'listener');
	readonly iAmHost = $derived(this.view.me.role === 'host');
	readonly #visible = $derived(
		this.view.listeners.filter(({ peer }) => this.quieted.get(peer) !== 'hidden')
	);
	/** Raised hands first, each group in the order of the view. */
	readonly hands = $derived(this.#visible.filter((listener) => listener.handUp));
	readonly quiet = $derived(this.#visible.filter((listener) => !listener.handUp));
	/** Why the last wish was not granted, until the next wish or until dismissed. */
	readonly #refusal: Refusal | null = $derived(this.#refusalSeen ? null : this.view.refusal);
	/** Of what was written, told where it was written. */
	readonly chatRefusal: Refusal | null = $derived(isOfChat(this.#refusal) ? this.#refusal : null);
	readonly refusal: Refusal | null = $derived(isOfChat(this.#refusal) ? null : this.#refusal);

	/** What may be recorded of us is asked: before we speak, and when we want to say otherwise. */
	readonly asksConsent = $derived(
		this.view.recording.state !== 'off' &&
			this.onStage &&
			!this.iAmHost &&
			(this.view.me.consent === null || this.#reconsiders)
	);

	/** Host, or co-host with any power left. */
	readonly moderates = $derived(this.view.me.powers.length > 0);
	/** What somebody did to us, until our next wish, until dismissed, or until it is no longer so. */
	readonly ownNews: OwnNews | null = $derived(
		this.#ownNews !== null && isStillTrue(this.#ownNews, this.view) ? this.#ownNews : null
	);
	/** Whom we have just removed, where we may take it back. */
	readonly removedLast: RemovedView | null = $derived(
		this.view.removed.find((one) => one.peer === this.#removedLast && one.canReadmit) ?? null
	);

	constructor(session: Session) {
		this.#session = session;
		({ refusal: this.#refusalSeen, soundNews: this.#soundNewsSeen } = seenIn(session));
		this.reactions = new ReactionsState(session, (peer) => this.isHidden(peer));
		this.captions = new CaptionsState(session, (peer) => this.quieted.has(peer));
		this.#unsubscribe = session.subscribe((state) => {
			this.#take(state);
		});
		this.chat = new ChatState(
			session,
			() => this.view.me.peer,
			(peer) => this.isHidden(peer)
		);
	}

	/** Those on stage whom we do not want to hear, and who speak. */
	get quietSpeaking(): readonly SeatView[] {
		return this.#quietSpeaking;
	}

	isHidden(peer: PeerId): boolean {
		return this.quieted.get(peer) === 'hidden';
	}

	/** Not heard, or not even seen, by us alone. */
	setQuiet(peer: PeerId, name: string, how: Quiet): void {
		this.#session.quiet({ peer, name, how });
	}

	/** What there is to report about somebody now; rejects once the room is left. */
	beginReport(about: PeerId): Promise<ReportDraft> {
		return this.#session.beginReport(about);
	}

	unquiet(peer: PeerId): void {
		this.#session.unquiet(peer);
	}

	get bulletin(): Bulletin {
		return this.#bulletin;
	}

	/** Loudness 0..1 of somebody on stage, 0 while silent. */
	levelOf(peer: PeerId): number {
		return this.levels.get(peer) ?? 0;
	}

	listen(): void {
		this.#session.listen();
	}

	/** One switch, as there is one button. */
	toggleMute(): void {
		if (this.openingMicrophone) return;
		if (this.view.me.muted && this.asksConsent && this.view.me.consent === null) {
			this.#unmutesAfterConsent = true;
			return;
		}
		this.#wish(() => {
			if (this.view.me.muted) this.#session.unmute();
			else this.#session.mute();
		});
	}

	/** Hears nothing of the room, or hears it again. */
	toggleSilence(): void {
		this.#session.silence(!this.silenced);
	}

	/** Silent, whatever is under way. */
	hush(): void {
		this.#session.mute();
	}

	get unmutesAfterConsent(): boolean {
		return this.#unmutesAfterConsent;
	}

	/** Asks again what may be recorded of us. */
	reconsiderConsent(): void {
		this.#reconsiders = true;
	}

	/** Then speaks, where that was wanted. */
	answerConsent(answer: Consent): void {
		const unmutes = this.#unmutesAfterConsent;
		this.#reconsiders = this.#unmutesAfterConsent = false;
		this.#wish(() => {
			this.#session.consent(answer);
			if (unmutes) this.#session.unmute();
		});
	}

	/** Begins or ends a recording, pauses it or lets it go on. */
	record(state: RecordingState): void {
		// A new one is not kept because the one before was.
		const { state: before, kept } = this.view.recording;
		this.moderate({ type: 'recording', state, kept: kept && before !== 'off' });
	}

	keepRecording(kept: boolean): void {
		this.moderate({ type: 'recording', state: this.view.recording.state, kept });
	}

	retryMicrophone(): void {
		this.#wish(() => {
			this.#session.unmute();
		});
	}

	toggleHand(): void {
		this.#wish(() => {
			if (this.view.me.handUp) this.#session.unask();
			else this.#session.ask();
		});
	}

	/** True where we may do what takes that power. */
	may(power: Power): boolean {
		return this.view.me.powers.includes(power);
	}

	/** Locks an open room, for good. */
	lock(): void {
		this.#wish(() => {
			this.#session.lockRoom();
		});
	}

	/** Lets somebody in who waits, or turns them away. */
	answerDoor(peer: PeerId, admit: boolean): void {
		this.#wish(() => {
			this.#session.answerDoor(peer, admit);
		});
	}

	moderate(act: ActAsk): void {
		this.#wish(() => {
			this.#session.moderate(act);
		});
		if (act.type === 'remove') this.#removedLast = act.peer;
	}

	orderHands(order: QueueOrder): void {
		this.#session.orderHands(order);
	}

	/** For those who need nobody's leave: the host, and co-hosts who may invite. */
	goUp(): void {
		if (this.iAmHost) return this.toggleHand();
		this.moderate({ type: 'invite', peer: this.view.me.peer });
		this.#goingUp = true;
	}

	dismissOwnNews(): void {
		this.#ownNews = null;
	}

	dismissRemoved(): void {
		this.#removedLast = null;
	}

	accept(): void {
		const invitation = this.view.me.invitation;
		if (invitation === null) return;
		this.#wish(() => {
			this.#session.accept(invitation.id);
		});
	}

	decline(): void {
		const invitation = this.view.me.invitation;
		if (invitation === null) return;
		this.#wish(() => {
			this.#session.decline(invitation.id);
		});
	}

	stepDown(): void {
		this.#wish(() => {
			this.#session.stepDown();
		});
	}

	/** It comes again where it goes on after it was over. */
	dismissFeedback(): void {
		this.#feedbackSeen = true;
	}

	dismissSoundNews(): void {
		this.#soundNewsSeen = seenIn(this.#session).soundNews = this.#state.soundNews;
	}

	dismissRefusal(): void {
		this.#refusalSeen = seenIn(this.#session).refusal = true;
	}

	/** Shows a reaction, by its place in REACTIONS. */
	react(code: number): void {
		this.#session.react(code);
	}

	/** How it went so far. Not reactive: ask when it is opened. */
	summary(): RoomSummary {
		return this.#session.summary();
	}

	say(text: string): void {
		this.#wish(() => {
			this.#session.say(text);
		});
	}

	unsay(said: EventId): void {
		this.#wish(() => {
			this.#session.unsay(said);
		});
	}

	/** Whether our own words may be put into text; also stops, and begins anew. */
	answerCaptions(yes: boolean): void {
		this.#session.answerCaptions(yes);
	}

	/** What we speak, BCP 47; null for what the room says of itself. */
	speak(language: string | null): void {
		this.#session.speak(language);
	}

	/** The network around us, for as long as somebody looks: close it after. */
	watchNetwork(): NetworkState {
		return new NetworkState(this.#session, () => this.view);
	}

	/** Leaves the room. The view says 'left' at once; telling the neighbours may take a moment longer. */
	leave(): void {
		this.#session.leave().catch(() => {
			// Neighbours that cannot be told notice by themselves.
		});
	}

	/** Stops looking. The session itself goes on. */
	close(): void {
		this.#unsubscribe();
		this.reactions.close();
		this.captions.close();
		this.chat.close();
	}

	#wish(act: () => void): void {
		this.#refusalSeen = seenIn(this.#session).refusal = false;
		this.#ownNews = null;
		this.#goingUp = false;
		act();
	}

	#take(next: SessionState): void {
		const before = this.#state as SessionState | undefined;
		this.#state = next;
		this.#quietSpeaking = this.#quietEar(next, performance.now());
		const came = this.#joinNews(next.view, performance.now());
		if (before === undefined) return;
		const notices: Notice[] = came === null ? [] : [came];
		if (before.microphone !== next.microphone && next.microphone === 'taken-away')
			notices.push({ type: 'microphone-lost' });
		if (before.soundNews !== next.soundNews && next.soundNews !== null)
			notices.push(next.soundNews);
		if (next.feedback === null) this.#feedbackSeen = false;
		else if (before.feedback === null) notices.push({ type: next.feedback });
		if (before.silenced !== next.silenced)
			notices.push({ type: next.silenced ? 'silenced' : 'unsilenced' });
		if (before.view !== next.view) {
			this.#ownNews = ownNewsBetween(before.view, next.view) ?? this.#ownNews;
			this.#takeOwnInvitation();
			// What hung on a question holds for that one alone.
			if (!this.asksConsent) this.#reconsiders = this.#unmutesAfterConsent = false;
			notices.push(...noticesBetween(before.view, next.view));
		}
		if (notices.length === 0) return;
		this.#bulletin = { number: this.#bulletin.number + 1, notices };
	}

	#takeOwnInvitation(): void {
		if (this.view.refusal !== null) this.#goingUp = false;
		if (this.#goingUp && this.view.me.invitation !== null) this.accept();
	}
}
