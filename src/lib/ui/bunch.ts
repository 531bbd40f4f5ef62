/** Where the people on stage sit: packed like grapes in a bunch, wide rows and narrow rows in turn. */

export interface Place {
	/** First of the two half columns a face covers; 1 is the leftmost. */
	readonly column: number;
	/** 1 is the top. */
	readonly row: number;
}

/**
 * Places for `count` faces where at most `widest` (2 or more) fit beside each other, on a grid of
 * 2 * widest half columns. Who sits somewhere stays there while others come: only the last row moves.
 */
export function bunch(count: number, widest: number): readonly Place[] {
	const places: Place[] = [];
	for (let row = 1; places.length < count; row++) {
		const fits = row % 2 === 1 ? widest : widest - 1;
		const faces = Math.min(fits, count - places.length);
		for (let i = 0; i < faces; i++) places.push({ column: widest - faces + 1 + 2 * i, row });
	}
	return places;
}
