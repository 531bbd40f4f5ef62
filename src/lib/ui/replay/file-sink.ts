/** Where a file goes that is made bit by bit: straight to the disk where the browser can, else into a download at its end. */
import { saveFile } from '../save-file.ts';

export interface FileSink {
	write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
	/** Whole: it is there from now on. */
	finish(): Promise<void>;
	/** Nothing is left of it. */
	abandon(): Promise<void>;
}

interface Picking {
	readonly showSaveFilePicker?: (options: {
		suggestedName: string;
	}) => Promise<FileSystemFileHandle>;
}

/** Null where the person chose no place. To be called from a press. */
export async function openFileSink(name: string, type: string): Promise<FileSink | null> {
	const { showSaveFilePicker } = window as Picking;
	if (showSaveFilePicker === undefined) return inMemory(name, type);
	try {
		const handle = await showSaveFilePicker({ suggestedName: name });
		const stream = await handle.createWritable();
		return {
			write: (bytes) => stream.write(bytes),
			finish: () => stream.close(),
			abandon: () => stream.abort()
		};
	} catch (error) {
		if (error instanceof DOMException && error.name === 'AbortError') return null;
		throw error;
	}
}

function inMemory(name: string, type: string): FileSink {
	let pieces: Blob[] = [];
	return {
		write(bytes) {
			pieces.push(new Blob([bytes]));
			return Promise.resolve();
		},
		finish() {
			saveFile(new Blob(pieces), name, type);
			return Promise.resolve();
		},
		abandon() {
			pieces = [];
			return Promise.resolve();
		}
	};
}
