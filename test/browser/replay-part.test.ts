/** A part of a recording is listened to while silence is left out: it ends where it was chosen to. */
import { expect, it, onTestFinished } from 'vitest';
import { ReplayState } from '#lib/app/state/replay-state.svelte.ts';
import { replayApp } from '../lib/replay-app.ts';
import { onThisDisk } from '../lib/tape-on-disk.ts';
import { makeTape } from '../lib/tape-maker.ts';
import { tonePackets } from '../lib/tone-tape.ts';

/** One voice for two seconds, nobody for four, and the voice again to the end: in ticks of 20 ms. */
const talks = (_: number, tick: number): boolean => tick < 100 || tick >= 300;
const PLAYS = { timeout: 15_000 };

async function opened(): Promise<ReplayState> {
	const packets = await tonePackets(440, 50);
	const tape = await makeTape({
		...{ seconds: 12, speakers: 1, talks },
		opus: (_, tick) => packets[tick % 50]!
	});
	onTestFinished(await onThisDisk(tape));
	const replay = await replayApp(tape).grapevine.replay(tape.meta.id);
	if (replay === null) throw new Error('The tape cannot be opened.');
	const state = new ReplayState(replay);
	onTestFinished(() => state.close());
	state.skipsSilence = true;
	return state;
}

/** `beforeMs`: it stops when the player next tells where it is, which on a busy machine is late. */
it.for([
	{ where: 'behind the silence', toMs: 7_000, stopsMs: 7_000, beforeMs: 11_000 },
	{ where: 'in the silence', toMs: 4_000, stopsMs: 2_000, beforeMs: 5_700 }
])('a part that ends $where', async ({ toMs, stopsMs, beforeMs }) => {
	const state = await opened();
	state.playPart({ fromMs: 1_000, toMs });
	await expect.poll(() => state.playing, PLAYS).toBe(true);
	await expect.poll(() => state.playing, PLAYS).toBe(false);
	expect(state.atMs).toBeGreaterThanOrEqual(stopsMs);
	expect(state.atMs).toBeLessThan(beforeMs);
});
