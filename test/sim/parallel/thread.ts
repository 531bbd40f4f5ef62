/** A further thread of a world: tells its share of the story it is given, and answers with what came of it. */
import { workerData } from 'node:worker_threads';
import { Meeting } from './meeting.ts';
import { Share } from './share.ts';
import type { Answer, Errand, Story } from './story.ts';

const { module, name, world, ask, threads, answer } = workerData as Errand;
const say = (told: Answer): void => answer.postMessage(told);
const meeting = new Meeting(threads.table, threads.me);

try {
	const stories = (await import(module)) as Readonly<Record<string, Story<unknown, unknown>>>;
	say({ part: stories[name]!(new Share(world, threads), ask) });
	meeting.meet(true);
} catch (error) {
	say({ broke: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	meeting.break();
}
answer.close();
