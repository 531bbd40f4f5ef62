/** The person's wish to end a program. */

/** npm and a terminal both pass on one Ctrl-C: signals this close together are the same press. */
const SAME_PRESS_MS = 300;

/** Resolves at the first signal to end. The second one ends the program there and then. */
export function endSignal(): Promise<void> {
	return new Promise((resolve) => {
		let firstAtMs: number | null = null;
		const onSignal = (): void => {
			if (firstAtMs !== null && Date.now() - firstAtMs > SAME_PRESS_MS) process.exit(0);
			firstAtMs ??= Date.now();
			resolve();
		};
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
	});
}
