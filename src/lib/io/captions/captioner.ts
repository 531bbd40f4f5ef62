/** The page's end of the worker that makes captions. */
import type { Captioner } from '../ports.ts';
import type { FromCaptioner, ToCaptioner } from './messages.ts';

export interface CaptionerOptions {
	/** Address of the folder with the packs. */
	readonly base: string;
	/** Of the pack.json, below it. */
	readonly path: string;
	/** Of a recording: no partial words, and nothing is let go however long it takes. */
	readonly unhurried?: boolean;
	readonly onNews: (news: FromCaptioner) => void;
}

/** Begins to load at once; `ready` or `failed` follows. */
export function createCaptioner({ base, path, unhurried, onNews }: CaptionerOptions): Captioner {
	const worker = new Worker(new URL('./caption.worker.ts', import.meta.url), { type: 'module' });
	worker.onmessage = ({ data }: MessageEvent<FromCaptioner>) => onNews(data);
	worker.onerror = (event) => onNews({ type: 'failed', reason: event.message });
	const post = (message: ToCaptioner, transfer: Transferable[] = []): void => {
		worker.postMessage(message, transfer);
	};
	post({ type: 'load', base, path, unhurried: unhurried ?? false });
	return {
		listen: (port) => post({ type: 'listen', port }, [port]),
		stop: () => worker.terminate()
	};
}
