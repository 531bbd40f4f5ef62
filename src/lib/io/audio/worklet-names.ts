/** What page and worklets call each other by. Free of imports: it is loaded on both sides. */
import type { PlayoutInput, PlayoutReport } from '#lib/p2p/playout/messages.ts';

export const PLAYOUT_PROCESSOR = 'grapevine-playout';
export const CAPTURE_PROCESSOR = 'grapevine-capture';

/** From the page to a worklet's own port. */
export type WorkletOrder =
	/** Speak with the worker through this port from now on. */
	{ readonly type: 'port'; readonly port: MessagePort } | { readonly type: 'close' };

/** From the worker to the playout worklet. */
export type PlayoutMessage = PlayoutInput | readonly PlayoutInput[];
/** From the playout worklet to the worker. */
export type PlayoutAnswer = PlayoutReport;

/** From the capture worklet to the worker: 20 ms of the microphone, mono, 48 kHz; the buffer is transferred. */
export interface CapturedFrame {
	readonly type: 'captured';
	readonly samples: Float32Array<ArrayBuffer>;
	/** Epoch time at which the last of the samples reached the worklet. */
	readonly atMs: number;
}
