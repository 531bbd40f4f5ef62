/** From the microphone's frames to what the core may send: activity, numbers, packets. Runs in the worker. */
import {
	createOpusEncoder,
	type EncodedKind,
	type OpusEncoder
} from '#lib/io/audio/opus-encoder.ts';
import type { CapturedFrame, OutputHeard } from '#lib/io/audio/worklet-names.ts';
import type { TappedSound } from '#lib/io/captions/messages.ts';
import type { Clock } from '#lib/io/ports.ts';
import type { PeerInput } from '#lib/p2p/peer/io.ts';
import { FRAME_MS } from '#lib/p2p/playout/units.ts';
import { createFeedbackWatch, type Feedback } from '#lib/p2p/voice/feedback.ts';
import { soundOfFrame } from '#lib/p2p/voice/frame-sound.ts';
import { createTalk } from '#lib/p2p/voice/talk.ts';
import { createMusicActivity, createVoiceActivity } from '#lib/p2p/voice/voice-activity.ts';
import { seqAdd } from '#lib/p2p/wire/seq.ts';

const SEQ_MODULUS = 2 ** 32;

export interface Voice {
	/** Frames come through this port from now on; an earlier one is let go. `music`: they are no voice, and may be stereo. */
	take(port: MessagePort, music: boolean): void;
	/** While it may be heard, what is captured goes there as well; null: no longer. */
	tap(port: MessagePort | null): void;
	/** What the output plays: whoever speaks is told where it comes back in. */
	played(heard: OutputHeard): void;
	/** Whether what is captured may be heard. */
	setOpen(open: boolean): void;
	readonly isOpen: boolean;
	readonly encoded: number;
	readonly dropped: number;
	close(): void;
}

/** Numbers follow the wall clock, so that they grow over reloads, and never go back within a run. */
function firstSeq(nowMs: number, lastSeq: number | null): number {
	const byClock = Math.floor(nowMs / FRAME_MS) % SEQ_MODULUS;
	return lastSeq === null ? byClock : Math.max(byClock, seqAdd(lastSeq, 1));
}

/** Tells each failure once. */
function failureTeller(note: (error: string) => void): (failure: string | null) => void {
	let told: string | null = null;
	return (failure) => {
		if (failure === told) return;
		told = failure;
		if (failure !== null) note(`The encoder failed: ${failure}`);
	};
}

/** Watches for what is played and comes back, and tells what is news. */
function createLoopWatch(onFeedback: (what: Feedback | null) => void) {
	const watch = createFeedbackWatch();
	let told: Feedback | null = null;
	const tickAt = (ms: number): number => Math.floor(ms / FRAME_MS);
	const tell = (what: Feedback | null): void => {
		if (what === told) return;
		told = what;
		onFeedback(what);
	};
	return {
		played: ({ frames, untilMs }: OutputHeard): void => watch.played(frames, tickAt(untilMs)),
		captured: (samples: Float32Array, atMs: number): void =>
			tell(watch.captured(soundOfFrame(samples), tickAt(atMs))),
		rest() {
			watch.rest();
			tell(null);
		}
	};
}

/** What travels with a frame through its encoder. */
interface Tag {
	readonly seq: number;
	readonly level: number;
}

interface EitherEncoder extends OpusEncoder<Tag> {
	/** From now on; what still waits in the one before is lost, a frame at most. */
	encodeAs(kind: EncodedKind): void;
}

/** One encoder at a time, for speech at first. */
function createEitherEncoder(
	output: (tag: Tag, opus: Uint8Array<ArrayBuffer>) => void
): EitherEncoder {
	let droppedBefore = 0;
	let kind: EncodedKind = 'speech';
	let encoder = createOpusEncoder(output, kind);
	return {
		encodeAs(next) {
			if (next === kind) return;
			kind = next;
			droppedBefore += encoder.dropped;
			encoder.close();
			encoder = createOpusEncoder(output, kind);
		},
		encode: (samples, tag, right) => encoder.encode(samples, tag, right),
		get dropped() {
			return droppedBefore + encoder.dropped;
		},
		get failure() {
			return encoder.failure;
		},
		close: () => encoder.close()
	};
}

/** What a mono device would have heard. */
const middleOf = ({ samples, right }: CapturedFrame): Float32Array<ArrayBuffer> =>
	right === null ? samples : samples.map((left, i) => (left + (right[i] ?? 0)) / 2);

export function createVoice(
	clock: Clock,
	feed: (input: PeerInput) => void,
	note: (error: string) => void,
	onFeedback: (what: Feedback | null) => void
): Voice {
	const loop = createLoopWatch(onFeedback);
	const surface = failureTeller(note);
	let open = false;
	let encoded = 0;
	let lastSeq: number | null = null;
	let source: MessagePort | null = null;
	let tapped: MessagePort | null = null;
	const encoder = createEitherEncoder((tag, opus) => {
		encoded++;
		feed({ type: 'voice', ...tag, opus });
	});

	/** A copy: the frame itself is the encoder's. */
	function tell(sound: TappedSound): void {
		tapped?.postMessage(sound, sound.type === 'heard' ? [sound.samples.buffer] : []);
	}

	return {
		take(port, music) {
			source?.close();
			source = port;
			encoder.encodeAs(music ? 'music' : 'speech');
			const talk = createTalk(firstSeq(clock.nowMs(), lastSeq));
			const hear = music ? createMusicActivity() : createVoiceActivity();
			port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => {
				const middle = middleOf(data);
				const { active, level } = hear(middle);
				const step = talk({ active, muted: !open });
				lastSeq = step.seq;
				if (open) loop.captured(middle, data.atMs);
				if (open && tapped !== null)
					tell({ type: 'heard', seq: step.seq, samples: middle.slice() });
				if (step.type === 'voice')
					encoder.encode(data.samples, { seq: step.seq, level }, data.right);
				if (step.type === 'silence') feed(step);
				surface(encoder.failure);
			};
		},
		tap(port) {
			tapped?.close();
			tapped = port;
		},
		played: loop.played,
		setOpen(now) {
			if (open && !now) {
				tell({ type: 'closed' });
				loop.rest();
			}
			open = now;
		},
		get isOpen() {
			return open;
		},
		get encoded() {
			return encoded;
		},
		get dropped() {
			return encoder.dropped;
		},
		close() {
			source?.close();
			tapped?.close();
			encoder.close();
		}
	};
}
