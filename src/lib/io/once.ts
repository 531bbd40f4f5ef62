/** Made when it is asked for first, and the same from then on; what failed is made anew the next time. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | null = null;
	return () => {
		if (made !== null) return made;
		const mine = make();
		made = mine;
		mine.catch(() => (made = null));
		return mine;
	};
}
