/** The page's end of the worker that makes captions. */
// From here and not from the worker: so it is one of the app's own files, which are kept for being offline.
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import type { Captioner, CaptionerNews } from '../ports.ts';
import type { ToCaptioner } from './messages.ts';

export interface CaptionerOptions {
	/** Address of the folder with the packs. */
	readonly base: string;
	/** Of the pack.json, below it. */
	readonly path: string;
	/** Of a recording: no partial words, and nothing is let go however long it takes. */
	readonly unhurried?: boolean;
	readonly onNews: (news: CaptionerNews) => void;
}

/** Begins to load at once; `ready` or `failed` follows. */
export function createCaptioner({ base, path, unhurried, onNews }: CaptionerOptions): Captioner {
	const worker = new Worker(new URL('./caption.worker.ts', import.meta.url), { type: 'module' });
	worker.onmessage = ({ data }: MessageEvent<CaptionerNews>) => onNews(data);
	worker.onerror = (event) => onNews({ type: 'failed', reason: event.message });
	const post = (message: ToCaptioner, transfer: Transferable[] = []): void => {
		worker.postMessage(message, transfer);
	};
	const glue = new URL(glueUrl, location.href).href;
	post({ type: 'load', base, path, glue, unhurried: unhurried ?? false });
	return {
		listen: (port) => post({ type: 'listen', port }, [port]),
		stop: () => worker.terminate()
	};
}
