/** Those who spoke are told that a recording is kept, when the room is over: real nodes, a real seed, a real recording. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connectCommons, openCommons, type Commons } from '#lib/app/commons.ts';
import type { Told } from '#lib/app/people/keep-box.ts';
import { createShelf } from '#lib/app/recordings/shelf.ts';
import { createSystemClock } from '#lib/io/clock/system-clock.ts';
import { createFsDisk } from '#lib/io/disk/fs-disk.ts';
import { createPeerNode } from '#lib/io/net/peer-node.ts';
import type { Store, SystemNotices } from '#lib/io/ports.ts';
import type { PeerId, RecordingId } from '#lib/p2p/wire/ids.ts';
import { DELIVER_MIN_MS } from '#lib/p2p/wire/limits.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { NO_SHARING } from '../lib/fake-sharing.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { onceTold } from '../lib/once-told.ts';
import { QUIET_SHELF } from '../lib/quiet-shelf.ts';
import { reachSeeds } from '../lib/reach-seeds.ts';
import { realPerson } from '../lib/reported-room.ts';
import { putParts } from '../lib/tape-files.ts';
import { makeTape, STARTED_MS, type MadeTape } from '../lib/tape-maker.ts';
import { startWholeSeed, type WholeSeed } from '../lib/whole-seed.ts';

const DAY_MS = 86_400_000;
const TEST_MS = 60_000;
const silent: SystemNotices = {
	permission: () => 'unsupported',
	ask: () => Promise.resolve('unsupported'),
	show: () => undefined,
	onPressed: () => undefined
};

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((one) => one.stop()));
});

/** The app of one of those on the tape, by their number. */
async function appOf(seed: WholeSeed, number: number, store: Store = createMemoryStore()) {
	const { keys, peer, name } = await realPerson(number);
	const keySeed = new Uint8Array(32).fill(number);
	const clock = createFakeClock(STARTED_MS + DAY_MS);
	const commons = await openCommons({
		identity: { keySeed, publicKey: keys.publicKey, peer, kept: true },
		...{ store, clock, notices: silent, isHidden: () => false },
		name: { shown: () => name, chosen: () => name },
		rename: () => Promise.resolve()
	});
	const comeOnline = async (): Promise<void> => {
		const node = await createPeerNode({
			...{ keySeed, seeds: [seed.addr], clock: createSystemClock() }
		});
		running.push(node);
		await reachSeeds(node, 1);
		connectCommons(commons, node);
	};
	return { commons, clock, peer, store, comeOnline };
}

/** The recording of three who agreed, on the host's disk. */
async function shelfOf(commons: Commons, { parts, meta }: MadeTape) {
	const folder = await mkdtemp(join(tmpdir(), 'grapevine-'));
	running.push({ stop: () => rm(folder, { recursive: true }) });
	const disk = createFsDisk(folder);
	await putParts(disk, meta.id, parts);
	return createShelf({
		...QUIET_SHELF,
		...{ disk, store: createMemoryStore(), sharing: NO_SHARING },
		clock: createFakeClock(STARTED_MS + DAY_MS),
		tell: (news) => commons.keeping.tell(news)
	});
}

/** Resolves once it is so, by what the desk tells. */
const when = ({ keeping }: Commons, isSo: () => boolean): Promise<void> => onceTold(keeping, isSo);

const stateOf = ({ keeping }: Commons, id: RecordingId, peer: PeerId) =>
	keeping.toldOf(id).find(({ to }) => to === peer)?.state;

const isTold = ({ kept, state }: Told): boolean => !kept && state === 'told';

describe('those who spoke', () => {
	it(
		'are told that it is kept, at once or when they are there, and that it is not after all',
		async () => {
			const seed = await startWholeSeed();
			running.push(seed);
			const tape = await makeTape({
				...{ seconds: 5, speakers: 3, signed: false },
				tell: async (sign) =>
					Promise.all(
						[1, 2].map(async (speaker) => {
							const event = await sign(speaker, { kind: 'consent', answer: 'sound' });
							return { type: 'event', atMs: 0, envelope: event.bytes } as const;
						})
					)
			});
			const { id } = tape.meta;
			const host = await appOf(seed, 1);
			const [sam, nora] = [await appOf(seed, 2), await appOf(seed, 3)];
			const shelf = await shelfOf(host.commons, tape);
			await Promise.all([host.comeOnline(), sam.comeOnline()]);
			await shelf.keep(id, true);
			await when(host.commons, () => stateOf(host.commons, id, sam.peer) === 'told');
			expect(sam.commons.keeping.heard).toMatchObject([
				{ from: host.peer, fromName: 'Real 1', title: 'Made for a test', deletedAtMs: null }
			]);
			expect(sam.commons.alerts.list).toMatchObject([{ type: 'kept' }]);
			expect(stateOf(host.commons, id, nora.peer)).toBe('waiting');
			await nora.comeOnline();
			host.clock.advance(DELIVER_MIN_MS);
			await when(host.commons, () => stateOf(host.commons, id, nora.peer) === 'told');
			await shelf.keep(id, false);
			await when(host.commons, () => host.commons.keeping.toldOf(id).every(isTold));
			for (const { commons } of [sam, nora]) {
				expect(commons.keeping.heard).toMatchObject([
					{ deletedAtMs: STARTED_MS + 5_000 + 30 * DAY_MS }
				]);
			}
		},
		TEST_MS
	);
});
