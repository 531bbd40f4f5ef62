/**
 * Delivers the packets of a trace to both buffers at once: into the browser's own in place of what a real
 * sender sent (an encoded transform of the receiver stands before it), and into ours as the app's engine does.
 */
import type { PlayoutMessage } from '#lib/io/audio/worklet-names.ts';
import { createOpusEncoder } from '#lib/io/audio/opus-encoder.ts';
import type { PlayoutReport } from '#lib/p2p/playout/messages.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';

export type NeteqOrder =
	| { readonly type: 'playout'; readonly port: MessagePort }
	| { readonly type: 'encode'; readonly samples: Float32Array }
	| {
			readonly type: 'deliver';
			readonly paceMs: number;
			readonly lateMs: readonly (number | null)[];
	  };

export type NeteqAnswer =
	| { readonly type: 'encoded' }
	/** Packet 0, were it not late, would arrive at this epoch time. */
	| { readonly type: 'began'; readonly startMs: number }
	| { readonly type: 'delivered' }
	| PlayoutReport;

/** An encoded frame of the browser's sender: an envelope for a packet of ours. */
interface Envelope {
	data: ArrayBuffer;
}

interface TransformEvent {
	readonly transformer: {
		readonly readable: ReadableStream<Envelope>;
		readonly writable: WritableStream<Envelope>;
	};
}

const FRAME_SAMPLES = 960;
const STREAM = 'neteq' as StreamId;
/** Envelopes in hand before the first delivery: the sender may stumble, and a trace may be faster than it. */
const ENVELOPES_AHEAD = 30;

const scope = globalThis as unknown as {
	onrtctransform: (event: TransformEvent) => void;
	onmessage: (event: MessageEvent<NeteqOrder>) => void;
	postMessage(answer: NeteqAnswer): void;
};
const envelopes: Envelope[] = [];
const packets: Uint8Array<ArrayBuffer>[] = [];
let writer: WritableStreamDefaultWriter<Envelope> | null = null;
let playout: MessagePort | null = null;
let collecting = false;
/** So many are in hand that delivery may begin. */
const ahead = Promise.withResolvers<undefined>();

scope.onrtctransform = ({ transformer: { readable, writable } }) => {
	writer = writable.getWriter();
	void collect(readable.getReader());
};

scope.onmessage = ({ data }) => {
	switch (data.type) {
		case 'playout':
			playout = data.port;
			playout.onmessage = ({ data: report }: MessageEvent<PlayoutReport>) => {
				scope.postMessage(report);
			};
			return;
		case 'encode':
			encode(data.samples);
			return;
		case 'deliver':
			void deliver(data.paceMs, data.lateMs);
	}
};

async function collect(reader: ReadableStreamDefaultReader<Envelope>): Promise<void> {
	for (;;) {
		const { value, done } = await reader.read();
		if (done) return;
		if (collecting) envelopes.push(value);
		if (envelopes.length === ENVELOPES_AHEAD) ahead.resolve(undefined);
	}
}

function encode(samples: Float32Array): void {
	const count = Math.floor(samples.length / FRAME_SAMPLES);
	const encoder = createOpusEncoder<number>((index, opus) => {
		packets[index] = opus;
		if (index === count - 1) scope.postMessage({ type: 'encoded' });
		else feed(index + 1);
	});
	const feed = (index: number): void => {
		encoder.encode(samples.slice(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES), index);
	};
	feed(0);
}

/** Envelope and packet with the same index belong together, lost ones too: what is missing shows in the numbers. */
async function deliver(paceMs: number, lateMs: readonly (number | null)[]): Promise<void> {
	collecting = true;
	await ahead.promise;
	const startMs = performance.timeOrigin + performance.now();
	scope.postMessage({ type: 'began', startMs });
	const waiting = lateMs
		.map((late, index) => ({ index, atMs: late === null ? null : startMs + index * paceMs + late }))
		.filter((one): one is { index: number; atMs: number } => one.atMs !== null)
		.sort((a, b) => a.atMs - b.atMs);
	const timer = setInterval(() => {
		const nowMs = performance.timeOrigin + performance.now();
		while ((waiting[0]?.atMs ?? Infinity) <= nowMs) hand(waiting.shift()?.index ?? 0);
		if (waiting.length > 0) return;
		clearInterval(timer);
		scope.postMessage({ type: 'delivered' });
	}, 1);
}

function hand(index: number): void {
	const envelope = envelopes[index];
	const packet = packets[index % packets.length];
	if (envelope === undefined || packet === undefined) return;
	envelope.data = packet.slice().buffer;
	void writer?.write(envelope);
	const message: PlayoutMessage = { type: 'frame', stream: STREAM, seq: index, opus: packet };
	playout?.postMessage(message);
}
