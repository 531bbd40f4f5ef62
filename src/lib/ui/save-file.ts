/** Longer than a browser takes to begin reading what it was given. */
const READ_WITHIN_MS = 60_000;

/** Gives the person a file, as a download. `type` is its media type. */
export function saveFile(
	content: string | Uint8Array | Blob,
	name: string,
	type = 'application/octet-stream'
): void {
	const part = content instanceof Uint8Array ? content.slice() : content;
	const url = URL.createObjectURL(new Blob([part], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => {
		URL.revokeObjectURL(url);
	}, READ_WITHIN_MS);
}
