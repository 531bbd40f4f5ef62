/** Files that a page saves, caught before they come into the folder of downloads. */
import { onTestFinished, vi } from 'vitest';

/** From now to the end of the test; gives what was saved last. */
export function catchSaved(): () => Promise<Uint8Array<ArrayBuffer>> {
	const { showSaveFilePicker } = window as { showSaveFilePicker?: unknown };
	Object.assign(window, { showSaveFilePicker: undefined });
	const saved: Blob[] = [];
	const make = URL.createObjectURL.bind(URL);
	vi.spyOn(URL, 'createObjectURL').mockImplementation((what) => {
		if (what instanceof Blob) saved.push(what);
		return make(what);
	});
	vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
	onTestFinished(() => {
		vi.restoreAllMocks();
		Object.assign(window, { showSaveFilePicker });
	});
	return async () => {
		const last = saved.at(-1);
		if (last === undefined) throw new Error('Nothing was saved.');
		return new Uint8Array(await last.arrayBuffer());
	};
}
