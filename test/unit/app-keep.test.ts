import { describe, expect, it } from 'vitest';
import { openKeepBox } from '#lib/app/people/keep-box.ts';
import { createKeepDesk, type KeepNews } from '#lib/app/people/keep-desk.ts';
import type { LetterNetwork } from '#lib/app/people/letter-desk.ts';
import { loadPeople } from '#lib/app/people/people.ts';
import { openSealed, sealNotice } from '#lib/app/people/sealed-letter.ts';
import type { LetterAnswer } from '#lib/io/ports.ts';
import type { KeepNotice } from '#lib/p2p/letter/keep-notice.ts';
import { encodeUnsigned, seal, signingBytes } from '#lib/p2p/wire/envelope.ts';
import type { Contact } from '#lib/p2p/wire/contact.ts';
import { roomIdOf, type LetterId, type PeerId, type RecordingId } from '#lib/p2p/wire/ids.ts';
import { KEEPS_HEARD_MAX } from '#lib/p2p/wire/limits.ts';
import { createFakeClock } from '../lib/fake-clock.ts';
import { createMemoryStore } from '../lib/memory-store.ts';
import { realPerson, type RealPerson } from '../lib/reported-room.ts';

const NOW_MS = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const recording = 'ab'.repeat(16) as RecordingId;
const nonce = new Uint8Array(8).fill(7);
const [host, sam, eve] = await Promise.all([1, 2, 3].map(realPerson));

/** Somebody's signed answer in a room of somebody's. */
async function consentOf(who: RealPerson, of: RealPerson = host!): Promise<Uint8Array> {
	const unsigned = encodeUnsigned({
		room: roomIdOf(of.keys.publicKey, nonce),
		...{ authorKey: who.keys.publicKey, sequence: 1, lamport: 5 },
		body: { kind: 'consent', answer: 'sound' }
	});
	return seal(unsigned, await who.keys.sign(signingBytes(unsigned)));
}

async function deskOf({ keys, peer, name }: RealPerson, store = createMemoryStore()) {
	const clock = createFakeClock(NOW_MS);
	const people = await loadPeople({ store, me: peer, nowMs: () => clock.nowMs() });
	const box = await openKeepBox(store, peer);
	const desk = createKeepDesk({ me: peer, myName: () => name, keys, people, box, clock });
	return { desk, store, clock };
}

const notice = async (changes: Partial<KeepNotice> = {}): Promise<KeepNotice> => ({
	...{ from: host!.peer, to: sam!.peer, id: 'cd'.repeat(16) as LetterId, sentAtMs: NOW_MS, nonce },
	...{ startedAtMs: NOW_MS - DAY_MS, deletedAtMs: null, title: 'Figs', fromName: 'Hanna' },
	consent: await consentOf(sam!),
	...changes
});

const news = async (deletedAtMs: number | null): Promise<KeepNews> => ({
	...{ recording, nonce, title: 'Figs', startedAtMs: NOW_MS - DAY_MS, deletedAtMs },
	spoke: await Promise.all(
		[sam!, eve!].map(async (one) => ({
			...{ peer: one.peer, name: one.name },
			consent: await consentOf(one)
		}))
	)
});

/** Carries what is sent, to be answered by the test. */
function network(answer: () => LetterAnswer): LetterNetwork {
	return {
		letters: { send: () => Promise.resolve(answer()), onLetter: () => () => undefined },
		directory: { announce: () => undefined, withdraw: () => undefined, async *find() {} },
		seeds: { reached: () => 1, onChange: () => () => undefined }
	};
}

describe('a notice that something is kept', () => {
	it('is read as it was written by who it is for, and by nobody else', async () => {
		const written = await notice({ title: 'x'.repeat(200), fromName: 'h'.repeat(80) });
		const sealed = (await sealNotice(written, host!.keys))!;
		expect(await openSealed(sealed, host!.peer, sam!.keys)).toEqual({ notice: written });
		expect(await openSealed(sealed, host!.peer, eve!.keys)).toBeNull();
		expect(await openSealed(sealed, eve!.peer, sam!.keys)).toBeNull();
		// Somebody writes it in the host's name.
		const forged = (await sealNotice(written, eve!.keys))!;
		expect(await openSealed(forged, host!.peer, sam!.keys)).toBeNull();
	});

	it('is believed of a host in whose room its reader has answered, and of nobody else', async () => {
		const { desk } = await deskOf(sam!);
		const strangers = [
			await notice({ from: eve!.peer }),
			await notice({ consent: await consentOf(eve!) }),
			await notice({ nonce: new Uint8Array(8) }),
			await notice({ consent: new Uint8Array(4) }),
			await notice({ sentAtMs: NOW_MS + DAY_MS })
		];
		const torn = (await consentOf(sam!)).map((byte, i, all) =>
			i === all.length - 1 ? byte ^ 1 : byte
		);
		for (const one of [...strangers, await notice({ consent: torn })]) await desk.take(one);
		expect(desk.heard).toEqual([]);
		await desk.take(await notice());
		expect(desk.heard).toMatchObject([{ from: host!.peer, title: 'Figs', deletedAtMs: null }]);
	});

	it('takes the place of an earlier one about the same, and stays until it was read', async () => {
		const { desk, store } = await deskOf(sam!);
		const arrived: (number | null)[] = [];
		desk.onArrival(({ deletedAtMs }) => arrived.push(deletedAtMs));
		const later = await notice({ sentAtMs: NOW_MS + 5, deletedAtMs: NOW_MS + DAY_MS });
		for (const one of [await notice(), later, await notice(), later]) await desk.take(one);
		expect(arrived).toEqual([null, NOW_MS + DAY_MS]);
		const { desk: after } = await deskOf(sam!, store);
		expect(after.heard).toMatchObject([{ deletedAtMs: NOW_MS + DAY_MS }]);
		await after.forget(later.id);
		expect(after.heard).toEqual([]);
		for (let i = 0; i < KEEPS_HEARD_MAX + 3; i++)
			await after.take(await notice({ startedAtMs: i }));
		expect(after.heard).toHaveLength(KEEPS_HEARD_MAX);
	});

	it('waits over a restart, and that it is not kept is told to those alone who know that it was', async () => {
		const first = await deskOf(host!);
		await first.desk.tell(await news(null));
		const { desk } = await deskOf(host!, first.store);
		expect(desk.toldOf(recording).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
		const answers: LetterAnswer[] = ['taken', 'busy'];
		const over = (states: string): Promise<void> =>
			expect
				.poll(() =>
					desk
						.toldOf(recording)
						.map(({ name, state }) => `${name} ${state}`)
						.join()
				)
				.toBe(states);
		desk.connect(network(() => answers.shift() ?? 'busy'));
		await over('Real 2 told,Real 3 waiting');
		answers.push('unreadable');
		await desk.tell(await news(NOW_MS + DAY_MS));
		await over('Real 2 refused');
		expect(desk.toldOf(recording)).toMatchObject([{ kept: false }]);
	});

	it('is taken back from whom it is on its way to, and from nobody it has not been sent to', async () => {
		const { desk } = await deskOf(host!);
		const arrived = Promise.withResolvers<LetterAnswer>();
		const sent: PeerId[] = [];
		const by = network(() => 'taken');
		const send = ({ peer }: Contact): Promise<LetterAnswer> => {
			sent.push(peer);
			return sent.length === 1 ? arrived.promise : Promise.resolve('taken');
		};
		desk.connect({ ...by, letters: { ...by.letters, send } });
		await desk.tell(await news(null));
		await expect.poll(() => sent).toEqual([sam!.peer]);
		await desk.tell(await news(NOW_MS + DAY_MS));
		arrived.resolve('taken');
		await expect
			.poll(() => desk.toldOf(recording))
			.toMatchObject([{ to: sam!.peer, kept: false, state: 'told' }]);
		expect(sent).toEqual([sam!.peer, sam!.peer]);
	});
});
