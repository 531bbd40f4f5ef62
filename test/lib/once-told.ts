/** Waits for what somebody tells of, without a clock. */

/** Resolves once it is so: looked at now, and at whatever they tell. */
export function onceTold(
	by: { onChange(listener: () => void): () => void },
	isSo: () => boolean
): Promise<void> {
	return new Promise((resolve) => {
		if (isSo()) {
			resolve();
			return;
		}
		const stop = by.onChange(() => {
			if (!isSo()) return;
			stop();
			resolve();
		});
	});
}
