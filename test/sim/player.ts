/** A listener's real playout, pulled as a sound card pulls it, with a decoder whose sound tells real from made up. */
import { createPlayout, type OwnedDecoder } from '#lib/p2p/playout/playout.ts';
import { whoSaid } from './member.ts';
import type { Member, World } from './world.ts';

const SAMPLES_PER_MS = 48;
const FRAME_SAMPLES = 960;
const PULL_MS = 10;
const FRAME_MS = 20;
/** Frame follows frame at this distance or less: pulls are 10 ms apart, and stretched frames a little longer. */
const NEXT_FRAME_MAX_MS = 35;
/** 20 ms of a tone whose periods end with the frame, so that frame follows frame without a break. */
const TONE_SAMPLES = 240;
const LOUD = 0.5;

export interface Player {
	/** Forgets what was counted so far. */
	reset(): void;
	/** The longest time for which there was nothing to play, however well it was covered up. */
	readonly gapMs: number;
	/** Frames that were heard as they were said, and those that were made up. */
	readonly played: number;
	readonly concealed: number;
	/** From each frame's being said to its being decoded, without encoder and devices. */
	readonly delaysMs: readonly number[];
	stop(): void;
}

export function attachPlayer(world: World, listener: Member, speaker: Member): Player {
	let delaysMs: number[] = [];
	let [gapMs, lastFrameMs, concealedBefore, running] = [0, world.nowMs, 0, true];
	const [left, right] = [0, 1].map(() => new Float32Array(PULL_MS * SAMPLES_PER_MS));
	const startMs = world.nowMs;
	const samplesNow = (): number => Math.round((world.nowMs - startMs) * SAMPLES_PER_MS);
	const noteGap = (): void => {
		const sinceMs = world.nowMs - lastFrameMs;
		if (sinceMs > NEXT_FRAME_MAX_MS) gapMs = Math.max(gapMs, sinceMs - FRAME_MS);
	};
	const playout = createPlayout(() =>
		toneDecoder((opus) => {
			const seq = (opus[3]! << 24) | (opus[4]! << 16) | (opus[5]! << 8) | opus[6]!;
			if (whoSaid(opus, seq) !== speaker.number) return;
			noteGap();
			lastFrameMs = world.nowMs;
			delaysMs.push(world.nowMs - (speaker.saidAtMs[seq] ?? world.nowMs));
		})
	);
	const concealed = (): number =>
		Object.values(playout.report().streams).reduce((sum, one) => sum + one.concealed, 0);
	const pull = (): void => {
		if (!running || !listener.alive) return;
		world.after(PULL_MS, pull);
		playout.pull({ left: left!, right: right! }, samplesNow(), world.nowMs);
	};
	world.players.set(listener, (input) => playout.handle(input, samplesNow()));
	// Sound cards do not wait for each other.
	world.after(listener.number % PULL_MS, pull);
	return {
		reset() {
			concealedBefore = concealed();
			delaysMs = [];
			gapMs = 0;
			lastFrameMs = world.nowMs;
		},
		get gapMs() {
			noteGap();
			return gapMs;
		},
		get played() {
			return delaysMs.length;
		},
		get concealed() {
			return concealed() - concealedBefore;
		},
		get delaysMs() {
			return delaysMs;
		},
		stop() {
			running = false;
			world.players.delete(listener);
		}
	};
}

function toneDecoder(onFrame: (opus: Uint8Array) => void): OwnedDecoder {
	return {
		ready: true,
		failures: 0,
		decode(opus) {
			onFrame(opus);
			return Float32Array.from(
				{ length: FRAME_SAMPLES },
				(_, i) => LOUD * Math.sin((2 * Math.PI * (i + 0.5)) / TONE_SAMPLES)
			);
		},
		conceal: () => new Float32Array(FRAME_SAMPLES),
		free: () => undefined
	};
}
