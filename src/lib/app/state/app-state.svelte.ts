/** The app as the screens see it: who I am, my settings, and the doors to rooms. */
import type { CaptionChoice, CaptionSize } from '#lib/app/captions/caption-choice.ts';
import type { Commons } from '#lib/app/commons.ts';
import type { Grapevine, NewRoom } from '#lib/app/grapevine.ts';
import type { SoundChoice } from '#lib/app/sound/sound-choice.ts';
import type { NetworkDesk } from '#lib/app/network/network-desk.ts';
import type { SoundDesk } from '#lib/app/sound/sound-desk.ts';
import type { Shelf } from '#lib/app/recordings/shelf.ts';
import type { Replay, ReplayClip } from '#lib/app/replay/replay.ts';
import type { SharingDesk } from '#lib/app/sharing/sharing-desk.ts';
import type { QuietPerson } from '#lib/app/quiet-list.ts';
import type { Profile, Session } from '#lib/app/session.ts';
import type { BlockedPerson } from '#lib/app/blocked-list.ts';
import type { AnnouncementChoice } from '#lib/app/announcements.ts';
import type { SignalChoice } from '#lib/app/signals.ts';
import type { Summons } from '#lib/app/summons.ts';
import type { ShortcutChoice } from '#lib/app/shortcuts.ts';
import type { PeerId, RecordingId, RoomId } from '#lib/p2p/wire/ids.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';

/** Each new listener is told at once how it stands. */
function viewOf(session: Session): RoomView | null {
	let now: RoomView | null = null;
	session.subscribe(({ view }) => (now = view))();
	return now;
}

/** We were removed from it, or it has ended. */
function isOver(session: Session): boolean {
	const phase = viewOf(session)?.phase;
	return phase === 'removed' || phase === 'ended';
}

export class AppState {
	readonly #grapevine: Grapevine;
	#profile: Profile;
	#fanout: number | null;
	#quieted: readonly QuietPerson[];
	#blocked: readonly BlockedPerson[];
	#captions: CaptionChoice;
	#shortcuts: ShortcutChoice;
	#announcements: AnnouncementChoice;
	#signals: SignalChoice;
	#chatSize: CaptionSize;
	#soundChoice: SoundChoice;
	#current: Session | null;
	#here: Session | null;
	/** The room whose page is on the screen. */
	#shown = $state.raw<Session | null>(null);

	constructor(grapevine: Grapevine) {
		this.#grapevine = grapevine;
		this.#profile = $state.raw(grapevine.profile);
		this.#fanout = $state.raw(grapevine.settings.fanout);
		this.#shortcuts = $state.raw(grapevine.settings.shortcuts);
		this.#chatSize = $state.raw(grapevine.settings.chatSize);
		this.#announcements = $state.raw(grapevine.settings.announcements);
		this.#soundChoice = $state.raw(grapevine.sound.choice);
		grapevine.sound.onChange(() => (this.#soundChoice = grapevine.sound.choice));
		this.#signals = $state.raw(grapevine.settings.signals);
		this.#quieted = $state.raw(grapevine.quiet.people);
		grapevine.quiet.onChange(() => {
			this.#quieted = grapevine.quiet.people;
		});
		this.#captions = $state.raw(grapevine.captions.now);
		grapevine.captions.onChange(() => (this.#captions = grapevine.captions.now));
		this.#current = $state.raw(grapevine.current);
		this.#here = $state.raw(grapevine.current);
		grapevine.onCurrentChange(() => this.#move(grapevine.current));
		this.#blocked = $state.raw(grapevine.blocked.people);
		// As long as the page lives, as this does.
		grapevine.blocked.onChange(() => (this.#blocked = grapevine.blocked.people));
	}

	get profile(): Profile {
		return this.#profile;
	}

	/** Children to pass sound on to at most, or null for what suits the device. */
	get fanout(): number | null {
		return this.#fanout;
	}

	/** Whom we do not want to hear or see, the latest first. */
	get quieted(): readonly QuietPerson[] {
		return this.#quieted;
	}

	/** Hears and sees somebody again. Rejects where the browser refuses to keep it. */
	async unquiet(peer: PeerId): Promise<void> {
		await this.#grapevine.quiet.forget(peer);
	}

	/** Who is kept out of the rooms we host, the latest first. */
	get blocked(): readonly BlockedPerson[] {
		return this.#blocked;
	}

	/** Rejects where the browser refuses to keep it. */
	unblock(peer: PeerId): Promise<void> {
		return this.#grapevine.blocked.unblock(peer);
	}

	/** The room we are in now. */
	get current(): Session | null {
		return this.#current;
	}

	/** The same, or a room that was over for us while we were elsewhere, until that is taken note of. */
	get here(): Session | null {
		return this.#here;
	}

	/** A room other than `room` that we are in. */
	otherThan(room: RoomId): Session | null {
		const current = this.#current;
		return current === null || viewOf(current)?.room === room ? null : current;
	}

	/** `here` is on no page that is on the screen. */
	get isElsewhere(): boolean {
		return this.#here !== null && this.#here !== this.#shown;
	}

	/** The page of that room is on the screen from now on; returns how to end that. */
	show(session: Session): () => void {
		this.#shown = session;
		return () => {
			if (this.#shown === session) this.#shown = null;
			// What there was to say was said there.
			if (this.#current === null) this.#here = null;
		};
	}

	/** It has been seen that the room is over. */
	takeNote(): void {
		this.#here = this.#current;
	}

	#move(next: Session | null): void {
		this.#current = next;
		if (next !== null || this.#here === null || !isOver(this.#here)) this.#here = next;
	}

	/** Rejects where the browser refuses to keep it. */
	async rename(name: string): Promise<void> {
		await this.#grapevine.rename(name);
		this.#profile = this.#grapevine.profile;
	}

	/** Rejects where the browser refuses to keep it. */
	async chooseFanout(fanout: number | null): Promise<void> {
		await this.#grapevine.saveSettings({ fanout });
		this.#fanout = this.#grapevine.settings.fanout;
	}

	/** Which keys act in a room. */
	get shortcuts(): ShortcutChoice {
		return this.#shortcuts;
	}

	/** Holds at once; rejects where the browser refuses to keep it. */
	async chooseShortcuts(shortcuts: ShortcutChoice): Promise<void> {
		this.#shortcuts = shortcuts;
		await this.#grapevine.saveSettings({ shortcuts });
	}

	/** What is read out of what happens in a room. */
	get announcements(): AnnouncementChoice {
		return this.#announcements;
	}

	/** Holds at once; rejects where the browser refuses to keep it. */
	async chooseAnnouncements(announcements: AnnouncementChoice): Promise<void> {
		this.#announcements = announcements;
		await this.#grapevine.saveSettings({ announcements });
	}

	/** What calls us when we look elsewhere. */
	get signals(): SignalChoice {
		return this.#signals;
	}

	/** Holds at once; rejects where the browser refuses to keep it. */
	async chooseSignals(signals: SignalChoice): Promise<void> {
		this.#signals = signals;
		await this.#grapevine.saveSettings({ signals });
	}

	/** Calls us when we look elsewhere. */
	get summons(): Summons {
		return this.#grapevine.summons;
	}

	/** How captions look, and whether our own words are among them. */
	get captions(): CaptionChoice {
		return this.#captions;
	}

	/** Holds at once; rejects where the browser refuses to keep it. */
	chooseCaptions(changes: Partial<CaptionChoice>): Promise<void> {
		return this.#grapevine.captions.change(changes);
	}

	/** How large what people write is shown. */
	get chatSize(): CaptionSize {
		return this.#chatSize;
	}

	/** Holds at once; rejects where the browser refuses to keep it. */
	chooseChatSize(chatSize: CaptionSize): Promise<void> {
		this.#chatSize = chatSize;
		return this.#grapevine.saveSettings({ chatSize });
	}

	/** Which seeds and servers, and what it took. */
	get network(): NetworkDesk {
		return this.#grapevine.network;
	}

	/** All that this browser keeps for us; gives what could not be erased. */
	erase(): Promise<string[]> {
		return this.#grapevine.erase();
	}

	/** What was chosen of it. */
	get soundChoice(): SoundChoice {
		return this.#soundChoice;
	}

	/** Which devices, and how loud everything is. */
	get sound(): SoundDesk {
		return this.#grapevine.sound;
	}

	/** People, letters, the lobby, reminders. */
	get commons(): Commons {
		return this.#grapevine.commons;
	}

	/** Of rooms that we have hosted. */
	get recordings(): Shelf {
		return this.#grapevine.recordings;
	}

	/** Recordings handed out, and fetched of others. */
	get sharing(): SharingDesk {
		return this.#grapevine.sharing;
	}

	/** Opens one of them; null where there is none of that id. To be closed. */
	replay(id: RecordingId): Promise<Replay | null> {
		return this.#grapevine.replay(id);
	}

	/** One is listened to soon: what takes time is done before. Gives how to do without. */
	warmReplay(): () => void {
		return this.#grapevine.warmReplay();
	}

	/** `shared`: where it did not come as a file. */
	openClip(file: Blob, shared?: RecordingId): Promise<ReplayClip | null> {
		return this.#grapevine.openClip(file, shared);
	}

	/** The one that goes on now. Not reactive: ask when a screen opens. */
	get recordingNow(): RecordingId | null {
		return this.#grapevine.recordingNow;
	}

	openRoom(room: NewRoom): Promise<Session> {
		return this.#grapevine.openRoom(room);
	}

	/** `access`: what a locked room's link holds. */
	enterRoom(room: RoomId, access: Access | null = null): Promise<Session> {
		return this.#grapevine.enterRoom(room, access);
	}
}
