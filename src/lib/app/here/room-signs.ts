/** What the system is told of the room that we are in, and what it tells us: its media controls, the screen, invitations. */
import { createMediaControls } from '#lib/io/system/media-controls.ts';
import { createScreenLock } from '#lib/io/system/screen-lock.ts';
import type { MediaDeed, MediaPlaying, ScreenLock, ShowPlaying } from '#lib/io/system/ports.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import { personIn } from '../state/person-acts.ts';
import type { Session, SessionState } from '../session.ts';
import type { Summons } from '../summons.ts';

export interface RoomSignsParts {
	readonly session: Session;
	readonly summons: Summons;
	/** The person looks at another page or another window. */
	readonly isElsewhere: () => boolean;
	readonly words: {
		readonly app: string;
		readonly title: (view: RoomView) => string;
		/** Of a person's name, which may be empty. */
		readonly name: (name: string) => string;
		readonly invited: (by: string) => string;
	};
	/** Where in the app the room is. */
	readonly href: (view: RoomView) => string;
	readonly system?: RoomSystem;
}

export interface RoomSystem {
	readonly media: (onDeed: (deed: MediaDeed) => void) => ShowPlaying;
	readonly screen: () => ScreenLock;
}

const BROWSER: RoomSystem = { media: createMediaControls, screen: createScreenLock };

/** Goes on until the returned function is called. */
export function watchRoom(parts: RoomSignsParts): () => void {
	const { session, summons, system = BROWSER } = parts;
	const play = system.media((deed) => act(parts, latest, deed));
	const screen = system.screen();
	let latest: SessionState | null = null;
	let shown = '';
	let invitation: string | null = null;

	function look(): void {
		if (latest === null) return;
		const { view } = latest;
		const playing = isIn(view) ? playingIn(latest, parts) : null;
		// Ten times a second there are new levels, which change nothing of it.
		if (JSON.stringify(playing) !== shown) play(playing);
		shown = JSON.stringify(playing);
		screen.hold(isIn(view) && view.me.role !== 'listener');
		lookAtInvitation(view);
	}

	function lookAtInvitation(view: RoomView): void {
		const now = isIn(view) ? view.me.invitation : null;
		summons.wait('stage', now === null ? 0 : 1);
		if (now !== null && now.id !== invitation && parts.isElsewhere()) {
			summons.call('stage', {
				title: parts.words.title(view),
				body: parts.words.invited(parts.words.name(now.fromName)),
				tag: `stage ${view.room}`,
				path: parts.href(view)
			});
		}
		invitation = now?.id ?? null;
	}

	const stop = session.subscribe((state) => {
		const before = latest;
		latest = state;
		const isSame = before?.view === state.view && before.silenced === state.silenced;
		if (!isSame || before.needsTap !== state.needsTap) look();
	});
	return () => {
		stop();
		play(null);
		screen.close();
		summons.wait('stage', 0);
	};
}

const isIn = ({ phase }: RoomView): boolean => phase === 'joined' || phase === 'reconnecting';

function playingIn({ view, silenced }: SessionState, { words }: RoomSignsParts): MediaPlaying {
	const { me, host } = view;
	return {
		title: words.title(view),
		artist: host === null ? '' : words.name(personIn(view, host).name),
		app: words.app,
		silent: silenced,
		microphone: me.role === 'listener' ? null : !me.muted
	};
}

function act({ session }: RoomSignsParts, state: SessionState | null, deed: MediaDeed) {
	switch (deed) {
		case 'play':
			session.silence(false);
			session.listen();
			return;
		case 'pause':
			session.silence(true);
			return;
		case 'toggle-microphone':
			if (state === null || state.openingMicrophone) return;
			if (!state.view.me.muted) session.mute();
			// What may be recorded of us is answered first, on the screen.
			else if (state.view.recording.state === 'off' || state.view.me.consent !== null)
				session.unmute();
			return;
		case 'hang-up':
			session.leave().catch(() => undefined);
			return;
	}
}
