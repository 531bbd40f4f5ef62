/** Reports, as the page asks the engine for them: one at a time, each question with its answer. */
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import type { FromEngine, ReportPreview, ToEngine } from './engine/messages.ts';
import type { ReportDraft } from './session.ts';

export interface Reports {
	begin(about: PeerId): Promise<ReportDraft>;
	/** An answer of the engine's. */
	hear(message: Extract<FromEngine, { type: 'report-preview' | 'report' }>): void;
	/** Nobody will answer any more. */
	stop(): void;
}

interface Waiting<T> {
	readonly resolve: (answer: T) => void;
	readonly reject: (reason: Error) => void;
}

export function createReports(ask: (message: ToEngine) => void): Reports {
	let preview: Waiting<ReportPreview> | null = null;
	let file: Waiting<Uint8Array> | null = null;
	/** The draft that the engine holds the evidence of. */
	let current = 0;
	let stopped = false;

	const giveUp = (why: string): void => {
		for (const waiting of [preview, file]) waiting?.reject(new Error(why));
		preview = null;
		file = null;
	};
	const draftOf = (number: number, found: ReportPreview): ReportDraft => ({
		preview: found,
		sign(words, everybody) {
			if (stopped || number !== current) return Promise.reject(new Error('It was let go.'));
			return new Promise((resolve, reject) => {
				file?.reject(new Error('It is being made anew.'));
				file = { resolve, reject };
				ask({ type: 'report-sign', words, everybody });
			});
		},
		close() {
			if (number !== current) return;
			current++;
			giveUp('It was let go.');
			if (!stopped) ask({ type: 'report-drop' });
		}
	});
	return {
		begin(about) {
			giveUp('Another one was begun.');
			if (stopped) return Promise.reject(new Error('The room was left.'));
			const number = ++current;
			const found = new Promise<ReportPreview>((resolve, reject) => {
				preview = { resolve, reject };
			});
			ask({ type: 'report-begin', about });
			return found.then((made) => draftOf(number, made));
		},
		hear(message) {
			if (message.type === 'report-preview') {
				preview?.resolve(message.preview);
				preview = null;
			} else {
				if (message.file === null) file?.reject(new Error('It could not be signed.'));
				else file?.resolve(message.file);
				file = null;
			}
		},
		stop() {
			stopped = true;
			giveUp('The room was left.');
		}
	};
}
