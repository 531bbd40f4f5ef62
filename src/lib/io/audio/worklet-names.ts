/** What page and worklets call each other by. Free of imports: it is loaded on both sides. */
import type { PlayoutInput, PlayoutReport } from '#lib/p2p/playout/messages.ts';
import type { FrameSound } from '#lib/p2p/voice/frame-sound.ts';

export const PLAYOUT_PROCESSOR = 'grapevine-playout';
export const CAPTURE_PROCESSOR = 'grapevine-capture';

/** From the page to a worklet's own port. */
export type WorkletOrder =
	/** Speak with the worker through this port from now on. */
	| { readonly type: 'port'; readonly port: MessagePort; readonly stereo?: boolean }
	/** How loud everything is to be played, 0 to 1. */
	| { readonly type: 'turn'; readonly gain: number }
	| { readonly type: 'close' };

/** Whether the worker is to be told of what is played (`OutputHeard`). It is not until it asks: most only listen. */
export interface ListenOrder {
	readonly type: 'listen';
	readonly on: boolean;
}

/** From the worker to the playout worklet. */
export type PlayoutMessage = PlayoutInput | readonly PlayoutInput[] | ListenOrder;
/** What was played since the last time, a frame of 20 ms each; the last one ended at that epoch time. */
export interface OutputHeard {
	readonly type: 'heard';
	readonly frames: readonly FrameSound[];
	readonly untilMs: number;
}

/** From the playout worklet to the worker. */
export type PlayoutAnswer = PlayoutReport | OutputHeard;

/** From the capture worklet to the worker: 20 ms of the microphone, 48 kHz; the buffers are transferred. */
export interface CapturedFrame {
	readonly type: 'captured';
	readonly samples: Float32Array<ArrayBuffer>;
	/** Where left and right were wished and are there: `samples` are those of the left. */
	readonly right: Float32Array<ArrayBuffer> | null;
	/** Epoch time at which the last of the samples reached the worklet. */
	readonly atMs: number;
}
