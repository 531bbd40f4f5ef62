/** Programs that a measurement starts by itself: whatever ends it ends them as well. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How to end it. Resolves when it is gone, at once where it is already. */
export function endsWithUs(child: ChildProcess): () => Promise<void> {
	const kill = (): void => {
		child.kill();
	};
	process.once('exit', kill);
	return async () => {
		process.off('exit', kill);
		if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
		const closed = once(child, 'close');
		child.kill();
		await closed;
	};
}
