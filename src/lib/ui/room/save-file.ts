/** Gives the person a file, as a download. */
export function saveFile(bytes: Uint8Array, name: string): void {
	const url = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/octet-stream' }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The browser reads it after this turn; a minute is more than it takes to begin.
	setTimeout(() => {
		URL.revokeObjectURL(url);
	}, 60_000);
}
