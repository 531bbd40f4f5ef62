/** A real relay helper in a process of its own, as a person runs it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RELAY = fileURLToPath(new URL('../../src/seed/relay.ts', import.meta.url));

export interface RunningRelay {
	readonly child: ChildProcess;
	/** Resolves once it has printed something that matches, on either stream. */
	readonly said: (what: RegExp) => Promise<void>;
}

const programs = new Set<ChildProcess>();

/** Ends all that still run. */
export function endRelays(): void {
	for (const program of programs) program.kill('SIGKILL');
	programs.clear();
}

export function runRelay(...words: readonly string[]): RunningRelay {
	const child = spawn(process.execPath, [RELAY, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
	programs.add(child);
	let out = '';
	const more = new Set<() => void>();
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk: Buffer) => {
			out += chunk.toString();
			for (const check of more) check();
		});
	}
	return {
		child,
		said: (what) =>
			new Promise((resolve) => {
				const check = (): void => {
					if (what.test(out)) resolve();
				};
				more.add(check);
				check();
			})
	};
}
