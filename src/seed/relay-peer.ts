/** A relay helper's peer: carries as many listeners as it was told to, and fewer while its uplink is behind. */
import { newUplink, nextUplink, uplinkSample } from '#lib/app/engine/uplink.ts';
import type { Engine } from '#lib/app/engine/engine.ts';
import { startHeadlessPeer, type HeadlessOptions, type HeadlessPeer } from './headless-peer.ts';

/** As often as there is a new sample of the uplink. */
const LOOK_INTERVAL_MS = 1_000;

export async function startRelay(options: HeadlessOptions): Promise<HeadlessPeer> {
	const peer = await startHeadlessPeer(options);
	const stopWatching = watchUplink(peer, options);
	return {
		...peer,
		async stop() {
			stopWatching();
			await peer.stop();
		}
	};
}

export interface WatchedPeer {
	readonly engine: Pick<Engine, 'diagnostics'>;
	readonly wish: HeadlessPeer['wish'];
}

/** From now on the peer carries what its uplink bears, and never more than `fanout`. Ends by what it returns. */
export function watchUplink(
	peer: WatchedPeer,
	{ fanout, clock }: Pick<HeadlessOptions, 'fanout' | 'clock'>
): () => void {
	let uplink = newUplink();
	let carriedMax = fanout;
	const look = (): void => {
		const nowMs = clock.nowMs();
		uplink = nextUplink(uplink, uplinkSample(peer.engine.diagnostics()), nowMs, fanout);
		const children = Math.min(fanout, uplink.cap ?? fanout);
		if (children !== carriedMax) peer.wish({ type: 'fanout', children });
		carriedMax = children;
		cancel = clock.wake(nowMs + LOOK_INTERVAL_MS, look);
	};
	let cancel = clock.wake(clock.nowMs(), look);
	return () => cancel();
}
