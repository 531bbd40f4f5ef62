/** How loud what is played is, frame by frame, for whoever compares it with what the microphone hears. */
import { FRAME_SAMPLES } from '#lib/p2p/playout/units.ts';
import { createFrameCutter } from '#lib/p2p/voice/frame-cutter.ts';
import { soundOfFrame, type FrameSound } from '#lib/p2p/voice/frame-sound.ts';

/** Frames kept until they are taken: a second, twice as long as that should take. */
const FRAMES_MAX = 50;

export interface OutputEar {
	/** The next block of both ears. */
	take(left: Float32Array, right: Float32Array): void;
	/** What was played since the last time, the newest last. */
	taken(): FrameSound[];
}

export function createOutputEar(): OutputEar {
	let frames: FrameSound[] = [];
	const cut = createFrameCutter(FRAME_SAMPLES, (frame) => {
		frames.push(soundOfFrame(frame));
		if (frames.length > FRAMES_MAX) frames.shift();
	});
	let mean = new Float32Array(0);
	return {
		take(left, right) {
			if (mean.length !== left.length) mean = new Float32Array(left.length);
			for (let i = 0; i < left.length; i++) mean[i] = ((left[i] ?? 0) + (right[i] ?? 0)) / 2;
			cut(mean);
		},
		taken() {
			const ready = frames;
			frames = [];
			return ready;
		}
	};
}
