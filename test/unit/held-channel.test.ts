import { describe, expect, it } from 'vitest';
import { heldChannel } from '#lib/io/link/held-channel.ts';

/** A channel as libdatachannel has them: the first message goes at once, others wait until `leave`. */
class Queue extends EventTarget {
	readyState: RTCDataChannelState = 'open';
	readonly queued: number[][] = [];
	get bufferedAmount(): number {
		return this.queued.flat().length;
	}
	send(data: ArrayBuffer): void {
		if (this.readyState !== 'open') throw new DOMException('closed', 'InvalidStateError');
		this.queued.push([...new Uint8Array(data)]);
	}
	leave(): number[] | undefined {
		const left = this.queued.shift();
		this.dispatchEvent(new Event('bufferedamountlow'));
		return left;
	}
}

function setup() {
	const queue = new Queue();
	return { queue, channel: heldChannel(queue as unknown as RTCDataChannel) };
}

describe('a channel that holds its messages back', () => {
	it('lets one go when the one before has left, in order', () => {
		const { queue, channel } = setup();
		for (const byte of [1, 2, 3]) channel.send(Uint8Array.of(byte));
		const seen = [queue.queued.length];
		const left = [1, 2, 3].map(() => {
			const one = queue.leave();
			seen.push(queue.queued.length);
			return one;
		});
		expect(left).toEqual([[1], [2], [3]]);
		expect(seen).toEqual([1, 1, 1, 0]);
	});

	it('says how much waits, here and below', () => {
		const { queue, channel } = setup();
		channel.send(new Uint8Array(5));
		channel.send(new Uint8Array(7));
		expect(channel.bufferedAmount).toBe(12);
		queue.leave();
		expect(channel.bufferedAmount).toBe(7);
		queue.leave();
		expect(channel.bufferedAmount).toBe(0);
	});

	it('keeps what was said, whatever becomes of the array', () => {
		const { queue, channel } = setup();
		channel.send(Uint8Array.of(1));
		const bytes = Uint8Array.of(2);
		channel.send(bytes);
		bytes[0] = 9;
		queue.leave();
		expect(queue.queued).toEqual([[2]]);
	});

	it('throws once closed, and lets go of what waited', () => {
		const { queue, channel } = setup();
		channel.send(Uint8Array.of(1));
		channel.send(Uint8Array.of(2));
		queue.readyState = 'closed';
		queue.dispatchEvent(new Event('close'));
		expect(channel.bufferedAmount).toBe(1);
		expect(() => channel.send(Uint8Array.of(3))).toThrow('closed');
		queue.leave();
		expect(queue.queued).toEqual([]);
	});
});
