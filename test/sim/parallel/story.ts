/** Tells one story on several threads: on this one, and on others that it starts. */
import { setFlagsFromString } from 'node:v8';
import {
	MessageChannel,
	receiveMessageOnPort,
	Worker,
	type MessagePort
} from 'node:worker_threads';
import { Meeting, newTable, OtherBroke } from './meeting.ts';
import { newRoute, type Route } from './post.ts';
import { Share, type ShareOptions, type Threads } from './share.ts';

/** Told in every thread, each time of its share. What is asked and what comes of it is plain data. */
export type Story<Ask, Part> = (share: Share, ask: Ask) => Part;

export interface Telling<Ask> {
	readonly threads: number;
	readonly world: ShareOptions;
	readonly ask: Ask;
	/** `import.meta.url` of who exports the story, under the name of its function. */
	readonly module: string;
}

/** For a thread that is started. */
export interface Errand {
	readonly module: string;
	readonly name: string;
	readonly world: ShareOptions;
	readonly ask: unknown;
	readonly threads: Threads;
	readonly answer: MessagePort;
}

/** What a started thread says at its end. */
export type Answer = { readonly part: unknown } | { readonly broke: string };

/**
 * Each thread tidies up after itself, and all at once: V8's helpers would only take the processors from the other threads of
 * the world, and who is held up holds up all. And before what is gone has grown to more than two fifths of what is there:
 * V8's own measure for that lets a world of 5,000 have half as much memory again, and saves it no time.
 * Holds for the whole program; no story depends on it.
 */
const TIDY_ALONE = '--no-parallel-scavenge --no-incremental-marking --heap-growing-percent=40';
/**
 * Of a thread that tells a story: packets live for a second or two, and with much less room are moved about as they come.
 * Two of these, and what is not heap, stay below 8 GB.
 */
export const THREAD_LIMITS = { maxOldGenerationSizeMb: 3_500, maxYoungGenerationSizeMb: 256 };

/** The parts of all threads, this one's first. Waits for them without giving way to anything else. */
export function tellStory<Ask, Part>(story: Story<Ask, Part>, telling: Telling<Ask>): Part[] {
	const { threads: count, world, ask, module } = telling;
	if (count > 1) setFlagsFromString(TIDY_ALONE);
	const table = newTable(count);
	const routes = routesOf(count);
	const threadsOf = (me: number): Threads => ({ count, me, table, routes: routes[me]! });
	const started = Array.from({ length: count - 1 }, (_, i) =>
		start({ module, name: story.name, world, ask, threads: threadsOf(i + 1) })
	);
	const meeting = new Meeting(table, 0);
	try {
		const part = story(new Share(world, threadsOf(0)), ask);
		meeting.meet(true);
		return [part, ...started.map((port) => partOf(port) as Part)];
	} catch (error) {
		// Where another broke first, it says why.
		if (error instanceof OtherBroke) started.forEach(partOf);
		meeting.break();
		throw error;
	}
}

/** For each thread its routes to all threads. */
function routesOf(count: number): (Route | null)[][] {
	const routes = Array.from({ length: count }, () => new Array<Route | null>(count).fill(null));
	for (let one = 0; one < count; one++) {
		for (let other = one + 1; other < count; other++) {
			routes[one]![other] = routes[other]![one] = newRoute();
		}
	}
	return routes;
}

function start(errand: Omit<Errand, 'answer'>): MessagePort {
	const { port1, port2 } = new MessageChannel();
	const worker = new Worker(new URL('./thread.ts', import.meta.url), {
		workerData: { ...errand, answer: port2 } satisfies Errand,
		transferList: [port2],
		execArgv: [],
		resourceLimits: THREAD_LIMITS
	});
	// It says itself why it broke; where it cannot, as without memory, the others find that it does not come.
	worker.on('error', () => undefined);
	worker.unref();
	port1.unref();
	return port1;
}

function partOf(port: MessagePort): unknown {
	const received = receiveMessageOnPort(port) as { readonly message: Answer } | undefined;
	port.close();
	if (received === undefined) return null;
	if ('broke' in received.message) throw new Error(received.message.broke);
	return received.message.part;
}
