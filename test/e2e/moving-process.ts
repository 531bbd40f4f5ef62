/** A Node listener in a process of its own, so that it can live in another network than its test. */
import type { Headless } from './headless.ts';
import { joinHeadless } from './headless.ts';

export interface MovingFacts {
	readonly phase: string;
	/** Frames it received so far, by speaker. */
	readonly frames: readonly number[];
}

const [seedUrl = '', key = ''] = process.argv.slice(2);
const joined = joinHeadless(seedUrl, key, 'Nora', 0);

function factsOf({ peer }: Headless): MovingFacts {
	const { phase, speakers } = peer.engine.diagnostics();
	return { phase, frames: speakers.map(({ received }) => received) };
}

process.on('message', () => {
	joined.then(
		(headless) => process.send?.(factsOf(headless)),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		}
	);
});
process.on('disconnect', () => {
	process.exit(0);
});
