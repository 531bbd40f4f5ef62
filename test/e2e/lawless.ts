/**
 * Somebody whose app is modified to ignore that it is removed: a Node peer on stage that speaks, and never learns of
 * a removal, because its app throws every such event away before the core can read it. All else in it is the real
 * thing: it keeps its seat in its own eyes, signs and sends its frames, and knocks wherever it loses a link.
 */
import type { Page } from 'playwright';
import type { LinkChannels } from '#lib/io/ports.ts';
import { FRAME_MS } from '#lib/p2p/playout/units.ts';
import type { RoomView } from '#lib/p2p/peer/view.ts';
import type { HeadlessPeer } from '../../src/seed/headless-peer.ts';
import { tapped } from '../lib/tapped-channel.ts';
import { eventually } from './drive.ts';
import { joinHeadless } from './headless.ts';
import { withoutRemovals } from './without-removals.ts';

export interface Lawless {
	readonly peer: HeadlessPeer;
	/** What its core believes. */
	readonly view: () => RoomView | null;
	/** Removals that its app threw away. */
	readonly ignored: () => number;
	/** Datagrams with sound given to channels that were open. */
	readonly sent: () => number;
	/** Takes the seat it is invited to, opens its microphone, and says `frames` over and over. */
	speak(frames: readonly Uint8Array[]): Promise<void>;
	stop(): Promise<void>;
}

export async function joinLawless(
	url: string,
	key: string,
	name: string,
	fanout = 2
): Promise<Lawless> {
	const counts = { ignored: 0, sent: 0 };
	const { peer, view } = await joinHeadless(url, key, name, {
		fanout,
		// What comes over links goes through our hands; what would come by gossip does not come at all.
		gossip: false,
		shape: (_, channels) => deafened(channels, counts)
	});
	let talking: ReturnType<typeof setInterval> | undefined;
	return {
		peer,
		view,
		ignored: () => counts.ignored,
		sent: () => counts.sent,
		async speak(frames) {
			await takeSeat(peer, view);
			talking = talk(peer, frames);
		},
		async stop() {
			clearInterval(talking);
			await peer.stop();
		}
	};
}

async function takeSeat(peer: HeadlessPeer, view: () => RoomView | null): Promise<void> {
	const me = await eventually(
		'the lawless one is invited',
		() => Promise.resolve(view()?.me),
		(now) => now?.invitation != null
	);
	const invitation = me?.invitation?.id;
	if (invitation !== undefined) peer.wish({ type: 'accept', invitation });
	const mine = (open: boolean) =>
		eventually(
			'the lawless one is on stage',
			() => Promise.resolve(view()?.stage.find((seat) => seat.me)),
			(seat) => seat !== undefined && (!open || !seat.muted)
		);
	await mine(false);
	peer.wish({ type: 'unmute' });
	await mine(true);
}

/**
 * The frame of each tick, and none of ticks that a late timer of this machine has missed: said all at once they would be
 * taken for forged, for their signatures would come late.
 */
function talk(peer: HeadlessPeer, frames: readonly Uint8Array[]): ReturnType<typeof setInterval> {
	const firstSeq = Math.floor(Date.now() / FRAME_MS) % 2 ** 31;
	const startMs = performance.now();
	let said = -1;
	return setInterval(() => {
		const tick = Math.floor((performance.now() - startMs) / FRAME_MS);
		const opus = frames[tick % frames.length];
		if (opus === undefined || tick <= said) return;
		said = tick;
		peer.engine.feed({ type: 'voice', seq: firstSeq + tick, level: 20, opus });
	}, FRAME_MS);
}

function deafened(
	{ audio, control }: LinkChannels,
	counts: { ignored: number; sent: number }
): LinkChannels {
	return {
		audio: tapped(audio, {
			out(data, send) {
				if (audio.readyState === 'open') counts.sent++;
				send(data);
			}
		}),
		control: tapped(control, {
			in(data) {
				const kept = withoutRemovals(data);
				if (kept.byteLength < data.byteLength) counts.ignored++;
				return kept;
			}
		})
	};
}

/** Opus frames of a tone in bursts, as a browser encodes them: so many ticks of 20 ms. */
export async function encodedTone(page: Page, hz: number, ticks: number): Promise<Uint8Array[]> {
	const frames = await page.evaluate(encodeTone, [hz, ticks] as const);
	return frames.map((frame) => Uint8Array.from(frame));
}

/** In the page. */
async function encodeTone([hz, ticks]: readonly [number, number]): Promise<number[][]> {
	const [rate, tick] = [48_000, 960];
	const frames: number[][] = [];
	const encoder = new AudioEncoder({
		output(chunk) {
			const bytes = new Uint8Array(chunk.byteLength);
			chunk.copyTo(bytes);
			frames.push([...bytes]);
		},
		error(error) {
			throw error;
		}
	});
	const opus = { frameDuration: 20_000, format: 'opus' as const };
	encoder.configure({
		codec: 'opus',
		sampleRate: rate,
		numberOfChannels: 1,
		bitrate: 32_000,
		opus
	});
	for (let i = 0; i < ticks; i++) {
		const data = Float32Array.from({ length: tick }, (_, at) => {
			return 0.3 * Math.sin((2 * Math.PI * hz * (i * tick + at)) / rate);
		});
		const timestamp = i * 20_000;
		const shape = { format: 'f32', sampleRate: rate, numberOfChannels: 1 } as const;
		encoder.encode(new AudioData({ ...shape, numberOfFrames: tick, timestamp, data }));
	}
	await encoder.flush();
	encoder.close();
	return frames;
}
