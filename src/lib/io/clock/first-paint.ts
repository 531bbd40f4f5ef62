/** When the first screen is seen. */

/** A page that nobody looks at paints nothing, and goes on after this. */
const PAINT_MAX_MS = 500;

/** Resolves once what stands on the screen has been painted; at the latest after PAINT_MAX_MS. */
export function firstPaint(): Promise<void> {
	return new Promise((resolve) => {
		// The frame that is asked for is drawn after the callback; a task after it comes when it is seen.
		requestAnimationFrame(() => setTimeout(resolve));
		setTimeout(resolve, PAINT_MAX_MS);
	});
}
