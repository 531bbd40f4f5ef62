/**
 * The system's controls of what plays (Media Session): lock screen, headset, keyboard. Systems show them for media
 * elements alone, and our sound is none: an element that plays silence stands in for it.
 */
import type { MediaDeed, MediaPlaying, ShowPlaying } from './ports.ts';

/** Chromium shows controls only for what lasts longer than 5 s. */
const SILENCE_S = 10;
const SILENCE_HZ = 8_000;
const WAVE_HEADER_BYTES = 44;
/** The middle of unsigned samples of 8 bits. */
const SILENT_SAMPLE = 0x80;

const DEEDS: Readonly<Record<MediaDeed, string>> = {
	play: 'play',
	pause: 'pause',
	'toggle-microphone': 'togglemicrophone',
	'hang-up': 'hangup'
};

/** Younger than the types that come with the compiler. */
interface Session {
	metadata: unknown;
	playbackState: MediaSessionPlaybackState;
	setActionHandler(action: string, handler: (() => void) | null): void;
	setMicrophoneActive?(active: boolean): unknown;
}

/** `onDeed` is called for what the person does there. */
export function createMediaControls(
	onDeed: (deed: MediaDeed) => void,
	session = (navigator as { mediaSession?: Session }).mediaSession
): ShowPlaying {
	return session === undefined ? () => undefined : controlsOf(session, onDeed);
}

function controlsOf(session: Session, onDeed: (deed: MediaDeed) => void): ShowPlaying {
	let element: HTMLAudioElement | null = null;

	function play(): void {
		element ??= silentElement();
		// Without a gesture yet: the next change tries again.
		if (element.paused) element.play().catch(() => undefined);
	}

	function stop(): void {
		if (element === null) return;
		element.pause();
		URL.revokeObjectURL(element.src);
		element = null;
	}

	return (playing) => {
		if (playing === null) {
			stop();
			session.metadata = null;
			session.playbackState = 'none';
		} else {
			play();
			const { title, artist, silent, microphone } = playing;
			session.metadata = new MediaMetadata({ title, artist, album: playing.app, artwork: ARTWORK });
			session.playbackState = silent ? 'paused' : 'playing';
			session.setMicrophoneActive?.(microphone === true);
		}
		const offered = deedsFor(playing);
		for (const [deed, action] of Object.entries(DEEDS) as [MediaDeed, string][])
			handle(session, action, offered.includes(deed) ? () => onDeed(deed) : null);
	};
}

const ARTWORK = [192, 512].map((side) => ({
	src: `/icon-${side}.png`,
	sizes: `${side}x${side}`,
	type: 'image/png'
}));

function deedsFor(playing: MediaPlaying | null): readonly MediaDeed[] {
	if (playing === null) return [];
	return [
		'play',
		'pause',
		...(playing.microphone === null ? [] : (['toggle-microphone'] as const)),
		'hang-up'
	];
}

/** Browsers throw at actions that they do not know. */
function handle(session: Session, action: string, handler: (() => void) | null): void {
	try {
		session.setActionHandler(action, handler);
	} catch {
		// Then the system has no such button.
	}
}

function silentElement(): HTMLAudioElement {
	const element = new Audio(URL.createObjectURL(new Blob([silence()], { type: 'audio/wav' })));
	element.loop = true;
	return element;
}

/** A WAV file, mono, 8 bits: RIFF, its format, its samples. */
function silence(): ArrayBuffer {
	const samples = SILENCE_S * SILENCE_HZ;
	const bytes = new Uint8Array(WAVE_HEADER_BYTES + samples).fill(SILENT_SAMPLE, WAVE_HEADER_BYTES);
	const view = new DataView(bytes.buffer);
	const letters = (at: number, text: string): void => {
		for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i));
	};
	letters(0, 'RIFF');
	view.setUint32(4, bytes.length - 8, true);
	letters(8, 'WAVEfmt ');
	view.setUint32(16, 16, true);
	view.setUint16(20, 1, true);
	view.setUint16(22, 1, true);
	view.setUint32(24, SILENCE_HZ, true);
	view.setUint32(28, SILENCE_HZ, true);
	view.setUint16(32, 1, true);
	view.setUint16(34, 8, true);
	letters(36, 'data');
	view.setUint32(40, samples, true);
	return bytes.buffer;
}
