/** Runs before the engine in the Worker of a page whose app is modified to ignore removals (see lawless-page.ts). */
import { withoutRemovals } from './without-removals.ts';

const inner = Object.getOwnPropertyDescriptor(RTCDataChannel.prototype, 'onmessage');
if (inner?.set === undefined) throw new Error('Channels take no handlers here.');

/** What comes over links goes through our hands. */
Object.defineProperty(RTCDataChannel.prototype, 'onmessage', {
	set(this: RTCDataChannel, take: (event: MessageEvent) => unknown) {
		const filtered = ({ data }: MessageEvent<ArrayBuffer>): unknown =>
			take.call(this, new MessageEvent('message', { data: withoutRemovals(data) }));
		inner.set?.call(this, this.label === 'control' ? filtered : take);
	}
});

/** What would come by gossip does not come at all. */
addEventListener(
	'message',
	(event: MessageEvent<{ readonly news?: { readonly type: string } }>) => {
		if (event.data.news?.type === 'gossip') event.stopImmediatePropagation();
	}
);
