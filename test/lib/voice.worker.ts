/** The worker's part of the sound path, for tests: the real encoder, and a line whose faults are given. */
import type {
	CapturedFrame,
	ListenOrder,
	PlayoutAnswer,
	PlayoutMessage
} from '#lib/io/audio/worklet-names.ts';
import { createOpusEncoder } from '#lib/io/audio/opus-encoder.ts';
import type { PlayoutInput } from '#lib/p2p/playout/messages.ts';
import type { StreamId } from '#lib/p2p/wire/ids.ts';

export type VoiceOrder =
	/** Where sound goes, and reports come from. */
	| { readonly type: 'playout'; readonly port: MessagePort }
	/** Encode this and send it as the voice `stream`, one frame each 20 ms. */
	| {
			readonly type: 'say';
			readonly stream: string;
			readonly samples: Float32Array;
			/** Then it is music, and the samples are those of the left. */
			readonly right: Float32Array | null;
			/** Frames that get lost. */
			readonly lost: readonly number[];
			/** How late each frame is, in milliseconds; none where there are no more. */
			readonly lateMs: readonly number[];
	  }
	/** Encode and send on at once what this microphone gives. */
	| { readonly type: 'microphone'; readonly port: MessagePort; readonly stream: string }
	/** Send this as it is. */
	| { readonly type: 'raw'; readonly input: PlayoutInput | ListenOrder };

export type VoiceAnswer =
	{ readonly type: 'said'; readonly stream: string; readonly bytes: number } | PlayoutAnswer;

const FRAME = 960;
let playout: MessagePort | null = null;

const tell = (answer: VoiceAnswer): void => {
	postMessage(answer);
};
const send = (message: PlayoutMessage): void => {
	playout?.postMessage(message);
};

onmessage = ({ data }: MessageEvent<VoiceOrder>) => {
	switch (data.type) {
		case 'playout':
			playout = data.port;
			playout.onmessage = ({ data }: MessageEvent<PlayoutAnswer>) => {
				tell(data);
			};
			return;
		case 'say':
			void say(data);
			return;
		case 'microphone':
			listen(data.port, data.stream);
			return;
		case 'raw':
			send(data.input);
	}
};

async function say(order: Extract<VoiceOrder, { type: 'say' }>): Promise<void> {
	const packets = await encodeAll(order.samples, order.right);
	const due = packets.map((opus, i) => ({ opus, i, atMs: 20 * i + (order.lateMs[i] ?? 0) }));
	const start = performance.now();
	const waiting = due.filter(({ i }) => !order.lost.includes(i)).sort((a, b) => a.atMs - b.atMs);
	const timer = setInterval(() => {
		while ((waiting[0]?.atMs ?? Infinity) <= performance.now() - start) {
			const next = waiting.shift();
			if (next) frame(order.stream, next.i, next.opus);
		}
		if (waiting.length > 0) return;
		clearInterval(timer);
		send({ type: 'silence', stream: order.stream as StreamId, seq: packets.length, ticks: 1 });
		const bytes = packets.reduce((sum, opus) => sum + opus.length, 0);
		tell({ type: 'said', stream: order.stream, bytes });
	}, 1);
}

function encodeAll(samples: Float32Array, right: Float32Array | null): Promise<Uint8Array[]> {
	const count = Math.floor(samples.length / FRAME);
	return new Promise((resolve) => {
		const packets: Uint8Array[] = [];
		const encoder = createOpusEncoder<number>(
			(index, opus) => {
				packets[index] = opus;
				if (index === count - 1) resolve(packets);
				else feed(index + 1);
			},
			right === null ? 'speech' : 'music'
		);
		const feed = (index: number): void => {
			const [from, to] = [index * FRAME, (index + 1) * FRAME];
			encoder.encode(samples.slice(from, to), index, right?.slice(from, to));
		};
		feed(0);
	});
}

function listen(port: MessagePort, stream: string): void {
	const encoder = createOpusEncoder<number>((seq, opus) => {
		frame(stream, seq, opus);
	});
	let seq = 0;
	port.onmessage = ({ data }: MessageEvent<CapturedFrame>) => {
		encoder.encode(data.samples, seq++, data.right);
	};
}

function frame(stream: string, seq: number, opus: Uint8Array): void {
	send({ type: 'frame', stream: stream as StreamId, seq, opus });
}
