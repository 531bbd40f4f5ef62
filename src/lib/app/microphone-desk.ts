/** The microphone as the room needs it: asked for at the first "Unmute", kept open while on stage, given back after. */
import { openMicrophone, type Microphone } from '#lib/io/audio/microphone.ts';
import type { MicrophoneProblem } from './session.ts';

export interface MicrophoneDesk {
	/** True once frames flow, or the problem to show. A second call while the first waits joins it. */
	open(): Promise<true | MicrophoneProblem>;
	/** Whether what it hears may leave the device. */
	setOpen(open: boolean): void;
	close(): void;
}

export interface MicrophoneDeskOptions {
	readonly context: () => AudioContext | null;
	/** Frames for the engine. */
	readonly onPort: (port: MessagePort) => void;
	readonly onTakenAway: () => void;
}

export function createMicrophoneDesk(options: MicrophoneDeskOptions): MicrophoneDesk {
	let microphone: Microphone | null = null;
	let opening: Promise<true | MicrophoneProblem> | null = null;
	let closed = 0;

	async function openNow(): Promise<true | MicrophoneProblem> {
		const context = options.context();
		if (context === null || typeof AudioEncoder === 'undefined') return 'unsupported';
		const era = closed;
		const outcome = await openMicrophone(context, takenAway);
		if (!outcome.ok) return outcome.reason;
		if (era !== closed) {
			// Left the stage while the browser was asking.
			outcome.microphone.close();
			return 'taken-away';
		}
		microphone = outcome.microphone;
		microphone.setMuted(true);
		options.onPort(microphone.port);
		return true;
	}

	function takenAway(): void {
		close();
		options.onTakenAway();
	}

	function close(): void {
		closed++;
		microphone?.close();
		microphone = null;
	}

	return {
		open() {
			if (microphone !== null) return Promise.resolve(true);
			opening ??= openNow().finally(() => {
				opening = null;
			});
			return opening;
		},
		setOpen: (open) => microphone?.setMuted(!open),
		close
	};
}
