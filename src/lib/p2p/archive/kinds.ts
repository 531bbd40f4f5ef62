/** The kinds of records, by the file they stand in. A number is never given to another; unknown ones are skipped. */
export const KINDS = {
	/** In `meta`: what the recording is; the last one counts. */
	meta: 1,
	/** In `log`: a room's signed event, a signed text of somebody, a mark of the recorder's own. */
	event: 16,
	text: 17,
	mark: 18,
	/** In `index`. */
	entry: 32,
	/** In `sound`. 48 was a block in which each proof had its signature. */
	block: 49,
	/** In `words`, beside the recording: a line that was put into words later, and whose the lines above are. */
	laterLine: 80,
	saidLater: 81,
	/** In any of them: zeros, where somebody was taken out. */
	gone: 64
} as const;
