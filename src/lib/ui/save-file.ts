/** Gives a text to the person as a file. */
export function saveFile(name: string, text: string, type: string): void {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The browser has taken the bytes by its next turn.
	setTimeout(() => {
		URL.revokeObjectURL(url);
	});
}
