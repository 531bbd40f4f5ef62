/**
 * When the threads of a world tidy up their memory: all in the same moment. Who does it while the others work keeps
 * them waiting at the end of the window, each in its turn, and they come to it at different times.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Tidying {
	/** The next window may not find room for what it makes. */
	isDue(): boolean;
	/** What nobody holds any more goes; nothing else is changed by it. */
	tidy(): void;
}

/** A window that makes more than the last one by this much still finds room. */
const MARGIN = 1.5;

type Collect = (options: { readonly type: 'minor' }) => void;

/** Of the thread that calls it. */
export function createTidying(): Tidying {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as Collect;
	let usedBefore = 0;
	return {
		isDue() {
			const young = getHeapSpaceStatistics().find((one) => one.space_name === 'new_space');
			if (young === undefined) return false;
			const made = young.space_used_size - usedBefore;
			usedBefore = young.space_used_size;
			return young.space_available_size < MARGIN * made;
		},
		tidy() {
			collect({ type: 'minor' });
			usedBefore = 0;
		}
	};
}
