/** A relay helper whose uplink is behind, in a room of Node peers. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createKeys, newKeySeed } from '#lib/io/keys/keys.ts';
import type { LinkChannels } from '#lib/io/ports.ts';
import { roomIdOf, type PeerId } from '#lib/p2p/wire/ids.ts';
import type { HeadlessPeer } from '../../src/seed/headless-peer.ts';
import { startRelay } from '../../src/seed/relay-peer.ts';
import { relayReport } from '../../src/seed/relay-report.ts';
import { tapped } from '../lib/tapped-channel.ts';
import { endMembers, join } from './members.ts';
import { startSeed } from './seed-process.ts';

const NONCE = Uint8Array.of(2, 7, 1, 8, 2, 8, 1, 8);
const FRAME_MS = 20;
const OPUS_BYTES = 80;
const LISTENERS = 3;
/** The room comes together, and the uplink is judged. */
const MEETS_MAX_MS = 30_000;
/** The rule is sure after ten bad seconds in a row, and on a busy machine one may have no sound in it. */
const SURE_MAX_MS = 60_000;

const voices = new Set<NodeJS.Timeout>();

afterEach(async () => {
	for (const voice of voices) clearInterval(voice);
	voices.clear();
	await endMembers();
});

function talk(peer: HeadlessPeer): void {
	peer.wish({ type: 'unmute' });
	let seq = 0;
	const say = (): void => {
		seq++;
		const opus = new Uint8Array(OPUS_BYTES).fill(seq & 0xff);
		opus[0] = 0x78;
		peer.engine.feed({ type: 'voice', seq, level: 20, opus });
	};
	voices.add(setInterval(say, FRAME_MS));
}

/** A host that talks, below it a relay that everybody else has to hear by, and an uplink that can be held up. */
async function setup() {
	const seed = await startSeed();
	const keySeed = newKeySeed();
	const room = roomIdOf((await createKeys(keySeed)).publicKey, NONCE);
	let isBehind = false;
	const opening = { title: 'Lent', nonce: NONCE, createdAtMs: Date.now() };
	const host = await join(seed, room, { name: 'Hanna', fanout: 1, keySeed, opening });
	/** Every fourth packet to each but the host finds its channel full: not so many that they look for another relay. */
	const shape = (peer: PeerId, channels: LinkChannels): LinkChannels => {
		if (peer === host.peer) return channels;
		let packets = 0;
		const audio = tapped(channels.audio, {
			out(data, send) {
				if (isBehind && packets++ % 4 === 0) throw new Error('The channel is full.');
				send(data);
			}
		});
		return { ...channels, audio };
	};
	const relay = await join(seed, room, { name: 'Relay', fanout: LISTENERS, shape }, startRelay);
	await vi.waitFor(() => {
		expect(relay.engine.diagnostics().parent).toBe(host.peer);
	}, MEETS_MAX_MS);
	for (let i = 0; i < LISTENERS; i++) await join(seed, room, { name: `Zoe ${i}`, fanout: 0 });
	await vi.waitFor(() => {
		expect(relay.engine.diagnostics().children).toHaveLength(LISTENERS);
	}, MEETS_MAX_MS);
	return {
		host,
		relay,
		fallBehind: () => {
			isBehind = true;
		}
	};
}

describe('a relay helper whose uplink falls behind', () => {
	it('offers fewer places, and says what it could not send', async () => {
		const { host, relay, fallBehind } = await setup();
		talk(host);
		await vi.waitFor(() => {
			expect(relay.engine.diagnostics().speakers[0]?.forwarded).toBeGreaterThan(500);
		}, MEETS_MAX_MS);
		expect(relay.engine.diagnostics().fanout).toBe(LISTENERS);
		fallBehind();
		await vi.waitFor(() => {
			expect(relay.engine.diagnostics().fanout).toBeLessThan(LISTENERS);
		}, SURE_MAX_MS);
		expect(relayReport(relay.engine.diagnostics())).toMatch(/ · \d+ messages not sent · /);
	});
});
