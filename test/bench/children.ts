/** Node peers in a process of their own, so that what they use is not counted for anybody else. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('children-process.ts', import.meta.url));

export interface Children {
	/** Resolves when there are that many and all are attached. */
	grow(wanted: number): Promise<void>;
	end(): Promise<void>;
}

export function startChildren(seedUrl: string, key: string): Children {
	const child = fork(PROGRAM, [seedUrl, key], { stdio: 'inherit' });
	return {
		async grow(wanted) {
			const answered = once(child, 'message');
			const died = once(child, 'exit').then(() => {
				throw new Error('The process of the Node peers ended.');
			});
			child.send(wanted);
			await Promise.race([answered, died]);
		},
		async end() {
			if (child.exitCode !== null) return;
			const ended = once(child, 'exit');
			child.disconnect();
			await ended;
		}
	};
}
